import { readFile } from 'node:fs/promises';
import type { Sentiment } from '../../integrations/language/language.ts';
import { sparqlText } from '../../ontology/sparql.ts';
import type { OntologyStore, Row } from '../../ontology/store.ts';
import type { CustomerFeedbackResult } from '../../workflows/feedback/process-customer-feedback.ts';
import type { LabelledSentence } from './sentences.ts';

/** How many pieces of feedback of one category have each sentiment. */
export interface CategoryFacts {
  category: string;
  counts: Record<Sentiment, number>;
}

/** How often one action was taken for one reason, and how many mails went out. */
export interface ActionFacts {
  action: string;
  reason?: string;
  count: number;
  mails: number;
}

/** A customer who waits for a call. */
export interface CallFacts {
  name: string;
  segment: string;
  lifetimeValue: number;
  complaints: number;
  example: string;
}

/** How the sentiments found compare with what people said. */
export interface AccuracyFacts {
  right: number;
  wrong: number;
  undecided: number;
}

/** One query with its answer, as a table of texts. */
export interface QueryFacts {
  text: string;
  columns: string[];
  rows: string[][];
}

/** Everything that the demo's last page shows. */
export interface DemoFacts {
  categories: CategoryFacts[];
  actions: ActionFacts[];
  calls: CallFacts[];
  accuracy: AccuracyFacts;
  query: QueryFacts;
}

/** Asks the graph for what the last page shows; each question is a file under ontologies/queries. */
export async function gatherFacts(
  store: OntologyStore,
  results: readonly CustomerFeedbackResult[],
  sentences: readonly LabelledSentence[],
): Promise<DemoFacts> {
  const ask = async (name: string) => store.select(sparqlText(await queryFile(name)));
  return {
    categories: categoryFacts(await ask('sentiment-by-category')),
    actions: (await ask('actions-taken')).map(actionFacts),
    calls: (await ask('customers-to-call')).map(callFacts),
    accuracy: accuracyFacts(results, sentences),
    query: queryFacts(await queryFile('urgent-customers'), await ask('urgent-customers')),
  };
}

const queryFile = (name: string) =>
  readFile(new URL(`../../../ontologies/queries/${name}.rq`, import.meta.url), 'utf8');

const text = (row: Row, name: string) => row[name]?.value ?? '';

function categoryFacts(rows: Row[]): CategoryFacts[] {
  const byCategory = new Map<string, CategoryFacts>();
  for (const row of rows) {
    const category = text(row, 'category');
    const facts = byCategory.get(category) ?? {
      category,
      counts: { positive: 0, neutral: 0, negative: 0 },
    };
    facts.counts[text(row, 'sentiment') as Sentiment] = Number(text(row, 'count'));
    byCategory.set(category, facts);
  }
  return [...byCategory.values()].toSorted((a, b) => total(b) - total(a));
}

/** The pieces of feedback in one category. */
export const total = ({ counts }: CategoryFacts): number =>
  counts.positive + counts.neutral + counts.negative;

const actionFacts = (row: Row): ActionFacts => ({
  action: text(row, 'action'),
  reason: row['reason']?.value,
  count: Number(text(row, 'count')),
  mails: Number(text(row, 'mails')),
});

const callFacts = (row: Row): CallFacts => ({
  name: text(row, 'name'),
  segment: text(row, 'segment'),
  lifetimeValue: Number(text(row, 'lifetimeValue')),
  complaints: Number(text(row, 'complaints')),
  example: text(row, 'example'),
});

function accuracyFacts(
  results: readonly CustomerFeedbackResult[],
  sentences: readonly LabelledSentence[],
): AccuracyFacts {
  const undecided = results.filter(({ sentiment }) => sentiment === 'neutral').length;
  const right = results.filter(
    ({ sentiment }, index) => sentiment === sentences[index]?.label,
  ).length;
  return { right, undecided, wrong: results.length - right - undecided };
}

function queryFacts(query: string, rows: Row[]): QueryFacts {
  const columns = Object.keys(rows[0] ?? {});
  return {
    text: query,
    columns,
    rows: rows.map((row) => columns.map((column) => text(row, column))),
  };
}
