import { reasonsToFail } from './expected-failures.ts';
import type { Trial } from './language-tests.ts';
import { readManifest } from './manifest.ts';
import { Files } from './rdf.ts';
import { table } from './table.ts';
import { openSubject, type Subject } from './surfaces.ts';
import { suites, trials } from './suites.ts';

/** How one suite went on one surface. */
export interface Tally {
  suite: string;
  surface: string;
  passed: number;
  failed: number;
  expected: number;
}

/**
 * Runs the suites of a folder and prints what failed, a table and the sum.
 * @returns How many tests did not do what was expected of them.
 */
export async function run(directory: string): Promise<number> {
  const subject = await openSubject();
  try {
    return await runOn(subject, new Files(directory));
  } finally {
    await subject.close();
  }
}

async function runOn(subject: Subject, files: Files): Promise<number> {
  const tallies: Tally[] = [];
  const unmet = new Set(reasonsToFail.keys());
  for (const { name, manifests, surfaces } of suites) {
    const entries = manifests.flatMap((path) => readManifest(files, path));
    for (const { id } of entries) unmet.delete(id);
    for (const surface of subject.surfaces.filter((each) => surfaces.includes(each.name))) {
      const tally = { suite: name, surface: surface.name, passed: 0, failed: 0, expected: 0 };
      tallies.push(tally);
      for (const entry of entries) tally[await outcome({ entry, files, subject, surface })] += 1;
    }
  }
  for (const id of unmet) console.log(`${id}: is expected to fail, but there is no such test`);
  const sum = (key: 'passed' | 'failed') => tallies.reduce((total, tally) => total + tally[key], 0);
  const failed = sum('failed') + unmet.size;
  console.log(`\n${table(tallies)}\n\n${sum('passed')} passed, ${failed} failed`);
  return failed;
}

async function outcome(trial: Trial): Promise<'passed' | 'failed' | 'expected'> {
  const { entry, surface } = trial;
  const reason = reasonsToFail.get(entry.id);
  const failure = await trials[entry.type]!(trial).then(
    () => undefined,
    (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown)),
  );
  if (failure === undefined && reason === undefined) return 'passed';
  if (failure !== undefined && reason !== undefined) return 'expected';
  const what = failure ?? `passes, but is expected to fail: ${reason}`;
  console.log(`${surface.name} ${entry.id}: ${what}`);
  return 'failed';
}
