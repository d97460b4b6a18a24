import { sparql } from '../../../../ontology/sparql.ts';
import type { OntologyStore, Row } from '../../../../ontology/store.ts';
import { graphName, type NamedNode } from '../../../../ontology/terms.ts';

/** Where products, stock, customers and orders are kept. */
export const shopGraph = graphName('shop_data');

/** Where returns and refunds are kept. */
export const returnGraph = graphName('return_data');

/** What a shop takes back. */
export interface ReturnPolicy {
  /** How many days after the delivery. */
  readonly days: number;
  /** The greatest refund that nobody has to approve, in units of the order's currency. */
  readonly approvalAbove: number;
}

/** What holds when nothing is said. */
export const usualReturnPolicy: ReturnPolicy = { days: 30, approvalAbove: 200 };

/** What a customer would like to send back. */
export interface WantedReturn {
  readonly orderId: string;
  readonly productId: string;
  readonly pieces: number;
  readonly customerId: string;
}

/** Whether something may be sent back, and if not, why. */
export const verdicts = [
  'allowed',
  'unknown',
  'not_delivered',
  'too_late',
  'returned_already',
  'too_many',
] as const;
export type Verdict = (typeof verdicts)[number];

/** What became of looking at a return. */
export interface Assessment {
  readonly verdict: Verdict;
  /** The same in words for the customer. */
  readonly explanation: string;
  /** Absent when the order line is unknown. */
  readonly line?: ReturnableLine;
}

/** An order line of which something may be sent back. */
export interface ReturnableLine {
  readonly iri: NamedNode;
  /** That of the line, such as O-1001-P-201. */
  readonly id: string;
  readonly product: string;
  readonly currency: string;
  /** For the wanted pieces. */
  readonly refund: number;
}

/** Looks whether a customer may send something back now. The order of another customer is an unknown one. */
export async function assessReturn(
  store: OntologyStore,
  wanted: WantedReturn,
  { now, policy, signal }: { now: Date; policy: ReturnPolicy; signal: AbortSignal },
): Promise<Assessment> {
  const { orderId, productId, pieces, customerId } = wanted;
  const [row] = await store.select(
    sparql`PREFIX gw: <https://w3id.org/graphwright#>
      SELECT ?line ?id ?product ?quantity ?price ?currency ?status ?delivered ?return WHERE {
        GRAPH ${shopGraph} {
          ?order gw:identifier ${orderId} ; gw:placedBy/gw:identifier ${customerId} ; gw:orderStatus ?status .
          ?line gw:lineOf ?order ; gw:identifier ?id ; gw:quantity ?quantity ; gw:unitPrice ?price ;
            gw:priceCurrency ?currency ; gw:orderedProduct ?item .
          ?item gw:identifier ?productId ; gw:productName ?product .
          FILTER (UCASE(?productId) = UCASE(${productId}))
          OPTIONAL { ?order gw:deliveredAt ?delivered }
        }
        OPTIONAL { GRAPH ${returnGraph} { ?return gw:returnOf ?line } }
      } LIMIT 1`,
    { signal },
  );
  if (!row)
    return { verdict: 'unknown', explanation: `There is no product ${productId} in that order.` };
  const line = lineOf(row, pieces);
  const days = daysSince(row['delivered']?.value, now);
  const ordered = Number(row['quantity']!.value);
  if (row['status']!.value !== 'delivered' || days === undefined)
    return told('not_delivered', `${line.product} was not delivered yet.`, line);
  if (days > policy.days)
    return told(
      'too_late',
      `${line.product} was delivered ${Math.floor(days)} days ago; we take things back for ${policy.days} days.`,
      line,
    );
  if (row['return'])
    return told('returned_already', `A return of ${line.product} was requested already.`, line);
  if (pieces > ordered)
    return told('too_many', `You ordered ${ordered} × ${line.product}, not ${pieces}.`, line);
  return told('allowed', `You get ${inWords(line)} back for ${pieces} × ${line.product}.`, line);
}

/** A refund as people read it. */
export const inWords = ({ refund, currency }: Pick<ReturnableLine, 'refund' | 'currency'>) =>
  `${refund.toFixed(2)} ${currency}`;

const told = (verdict: Verdict, explanation: string, line: ReturnableLine): Assessment => ({
  verdict,
  explanation,
  line,
});

const lineOf = (row: Row, pieces: number): ReturnableLine => ({
  iri: row['line'] as NamedNode,
  id: row['id']!.value,
  product: row['product']!.value,
  currency: row['currency']!.value,
  // In whole cents, so that no price becomes 164.85000000000002.
  refund: (Math.round(Number(row['price']!.value) * 100) * pieces) / 100,
});

function daysSince(delivered: string | undefined, now: Date): number | undefined {
  return delivered === undefined ? undefined : (now.getTime() - Date.parse(delivered)) / 86_400_000;
}
