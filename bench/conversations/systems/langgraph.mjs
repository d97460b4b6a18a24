import { Annotation, Command, INTERRUPT, interrupt, START, StateGraph } from '@langchain/langgraph';
import { answer, noOrder, steps } from '../script.mjs';

const Order = Annotation.Root({
  item: Annotation(),
  quantity: Annotation(),
  address: Annotation(),
  orders: Annotation(),
  reply: Annotation(),
});

/** A node asks with what was replied before, and is taken up by the next message. */
const node = (name) => (state) => {
  const text = interrupt(state.reply ?? '');
  const { reply, update, next } = answer(name, state, text);
  return new Command({ update: { ...update, reply }, goto: next });
};

/**
 * What all savers do alike.
 * @param {import('@langchain/langgraph').BaseCheckpointSaver} checkpointer
 * @param {() => Promise<unknown>} close
 */
export function over(checkpointer, close) {
  const graph = new StateGraph(Order);
  steps.forEach((name, index) => {
    graph.addNode(name, node(name), { ends: [steps[(index + 1) % steps.length]] });
  });
  graph.addEdge(START, steps[0]);
  const compiled = graph.compile({ checkpointer });
  const invoke = (input, id) =>
    compiled.invoke(input, { configurable: { thread_id: id }, durability: 'sync' });
  return {
    begin: (session) => invoke({ ...noOrder }, session),
    async say(session, text) {
      const result = await invoke(new Command({ resume: text }), session);
      return result[INTERRUPT][0].value;
    },
    close,
  };
}
