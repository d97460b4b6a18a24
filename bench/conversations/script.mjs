/** The steps of the conversation, which begins again at the first when an order is placed. */
export const steps = ['ask_item', 'ask_quantity', 'ask_address', 'confirm'];

const items = ['apples', 'bread', 'coffee', 'dates', 'eggs', 'flour', 'grapes'];

/**
 * What one step makes of a message: the same for every system, so that only the keeping differs.
 * @typedef {{ item?: string, quantity?: number, address?: string, orders: number }} Order
 * @typedef {{ reply: string, update: Partial<Order>, next: string }} Answer
 * @param {string} step @param {Order} order @param {string} text @returns {Answer}
 */
export function answer(step, { item, quantity, address, orders }, text) {
  switch (step) {
    case 'ask_item':
      return { reply: `How many of the ${text}?`, update: { item: text }, next: 'ask_quantity' };
    case 'ask_quantity':
      return {
        reply: `Where do ${text} of the ${item} go?`,
        update: { quantity: Number(text) },
        next: 'ask_address',
      };
    case 'ask_address':
      return {
        reply: `${quantity} of the ${item} to ${text}: shall I order?`,
        update: { address: text },
        next: 'confirm',
      };
    default:
      return {
        reply: `Order ${orders + 1} is on its way to ${address}. What else?`,
        update: { orders: orders + 1 },
        next: 'ask_item',
      };
  }
}

/** @type {Order} */
export const noOrder = { orders: 0 };

/** What the customer says, from turn 1 on. @param {number} turn */
export function message(turn) {
  const order = (turn - 1) >> 2;
  const said = [items[order % items.length], String((order % 9) + 1), `${order + 1} Main Street`];
  return said[(turn - 1) & 3] ?? 'yes';
}

/** What has to be answered; a turn that was lost or carried out twice shows in it. @param {number} turn */
export function expected(turn) {
  const first = turn - ((turn - 1) & 3);
  let order = { ...noOrder, orders: (first - 1) >> 2 };
  let reply = '';
  for (let each = first; each <= turn; each += 1) {
    const answered = answer(steps[(each - 1) & 3] ?? '', order, message(each));
    order = { ...order, ...answered.update };
    ({ reply } = answered);
  }
  return reply;
}
