import type { Painter } from '../painter.ts';
import { table } from '../table.ts';
import {
  total,
  type ActionFacts,
  type CallFacts,
  type CategoryFacts,
  type DemoFacts,
} from './facts.ts';
import { source } from './sentences.ts';

/** Sets the demo's last page: five tables people want to see. */
export function report(facts: DemoFacts, paint: Painter): string {
  return [
    heading('How customers feel, by category', paint),
    categoryTable(facts.categories, paint),
    heading('What was done', paint),
    actionTable(facts.actions, paint),
    heading('How often the analyser agrees with people', paint),
    accuracyLines(facts, paint),
    heading('Call these five first', paint),
    callTable(facts.calls, paint),
    heading('Ask the graph yourself', paint),
    paint.dim(facts.query.text.trim()),
    '',
    table(facts.query.columns, facts.query.rows, [], paint),
  ].join('\n');
}

const heading = (text: string, paint: Painter) => `\n${paint.bold(text)}\n`;

const number = (value: number) => value.toLocaleString('en-US');

const percent = (part: number, whole: number) =>
  whole ? `${((100 * part) / whole).toFixed(1)} %` : '–';

function categoryTable(categories: readonly CategoryFacts[], paint: Painter): string {
  const most = Math.max(1, ...categories.map(total));
  const rows = categories.map((facts) => [
    facts.category,
    number(total(facts)),
    number(facts.counts.positive),
    number(facts.counts.neutral),
    number(facts.counts.negative),
    bar(facts, most, paint),
  ]);
  const scale = `${paint.green('█ positive')}  ${paint.dim('▒ neutral')}  ${paint.red('░ negative')}`;
  const head = ['category', 'feedback', 'positive', 'neutral', 'negative', scale];
  return table(head, rows, [1, 2, 3, 4], paint);
}

const barWidth = 34;

/** A bar as long as the category is large, so that shapes as well as colours tell the parts apart. */
function bar({ counts }: CategoryFacts, most: number, paint: Painter): string {
  const cells = (count: number) => Math.round((barWidth * count) / most);
  return (
    paint.green('█'.repeat(cells(counts.positive))) +
    paint.dim('▒'.repeat(cells(counts.neutral))) +
    paint.red('░'.repeat(cells(counts.negative)))
  );
}

function actionTable(actions: readonly ActionFacts[], paint: Painter): string {
  const rows = actions.map(({ action, reason, count, mails }) => [
    action,
    (reason ?? '').replaceAll('_', ' '),
    number(count),
    number(mails),
  ]);
  return table(['action', 'because of', 'feedback', 'mails sent'], rows, [2, 3], paint);
}

function accuracyLines({ accuracy }: DemoFacts, paint: Painter): string {
  const { right, wrong, undecided } = accuracy;
  const all = right + wrong + undecided;
  const rows = [
    ['agrees', number(right), paint.green(percent(right, all))],
    ['disagrees', number(wrong), paint.red(percent(wrong, all))],
    ['undecided', number(undecided), paint.dim(percent(undecided, all))],
  ];
  return `${table(['', 'sentences', 'share'], rows, [1, 2], paint)}\n${paint.dim(source)}`;
}

function callTable(calls: readonly CallFacts[], paint: Painter): string {
  const rows = calls.map(({ name, segment, lifetimeValue, complaints, example }) => [
    name,
    segment,
    number(Math.round(lifetimeValue)),
    number(complaints),
    shorten(example, 60),
  ]);
  const head = ['customer', 'segment', 'lifetime value', 'complaints', 'one of them'];
  return table(head, rows, [2, 3], paint);
}

const shorten = (text: string, length: number) =>
  text.length > length ? `${text.slice(0, length - 1).trimEnd()}…` : text;
