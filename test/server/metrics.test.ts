import { describe, expect, test } from 'vitest';
import { openStateFile } from '../../src/ontology/embedded/state-file.ts';
import { sparql } from '../../src/ontology/sparql.ts';
import { GraphwrightError } from '../../src/errors.ts';
import { execute } from '../../src/workflows/execute.ts';
import { EmbeddedRuns } from '../../src/workflows/runs/embedded-runs.ts';
import { Scripted } from '../conformance/runs.ts';
import { sample, testApp, type TestApp } from './apps.ts';

/** The samples of a scrape: `name{labels}` to their values. */
async function scrape({ app }: TestApp): Promise<Map<string, number>> {
  const answer = await app.inject('/metrics');
  expect(answer.statusCode).toBe(200);
  const lines = answer.body.split('\n').filter((line) => line && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const [, name, value] = /^(.+) (\S+)$/.exec(line)!;
      return [name!, Number(value)];
    }),
  );
}

describe('/metrics', () => {
  test('counts and times runs, steps, queries and requests', async () => {
    const look = new Scripted('look_up', async (run) => {
      await run.batch([1, 2], { name: 'each' }, () => 1);
      await run.step(
        'find',
        async ({ attempt }) => {
          if (attempt === 1) throw new GraphwrightError('unavailable', 'Busy');
          await served.store.ask(sparql`ASK { ?s ?p "Ada" }`);
        },
        { attempts: 2, backoff: { initial: 1 } },
      );
      return null;
    });
    const fail = new Scripted('fail', () => {
      throw new GraphwrightError('conflict', 'No');
    });
    const state = await openStateFile({ path: ':memory:' });
    const runs = await EmbeddedRuns.open({ state, workflows: [] });
    await using served = await testApp({ runs, workflows: [look, fail] });
    await served.app.ready();
    await sample(served.store);
    const payload = {};
    const headers = { prefer: 'wait=20' };
    const url = '/workflows/look_up';
    expect((await served.app.inject({ method: 'POST', url, payload, headers })).statusCode).toBe(
      200,
    );
    await expect(execute(fail, {})).rejects.toMatchObject({ code: 'conflict' });
    const found = await scrape(served);
    expect(
      Object.fromEntries([...found].filter(([name]) => /_count|_total|active/.test(name))),
    ).toMatchObject({
      'graphwright_run_duration_seconds_count{workflow="look_up",status="completed"}': 1,
      'graphwright_run_duration_seconds_count{workflow="fail",status="failed"}': 1,
      'graphwright_runs_active{workflow="look_up"}': 0,
      'graphwright_step_duration_seconds_count{workflow="look_up",step="each",status="completed"}': 2,
      'graphwright_step_duration_seconds_count{workflow="look_up",step="find",status="completed"}': 1,
      'graphwright_step_failed_attempts_total{workflow="look_up",step="find"}': 1,
      'graphwright_query_duration_seconds_count{operation="ASK",status="completed"}': 1,
      'graphwright_query_duration_seconds_count{operation="update",status="completed"}': 1,
      'graphwright_http_request_duration_seconds_count{method="POST",route="/workflows/look_up",status_code="200"}': 1,
    });
    expect(found.get('graphwright_store_position')).toBe(1);
    expect(found.get('graphwright_store_bytes')).toBeGreaterThan(10_000);
    await runs.close();
    await state.close();
  });

  test('tells the delay of the event loop and the memory, in the format of Prometheus', async () => {
    await using served = await testApp();
    const found = await scrape(served);
    expect(found.has('nodejs_eventloop_lag_p99_seconds')).toBe(true);
    expect(found.get('process_resident_memory_bytes')).toBeGreaterThan(1e6);
    const { headers, body } = await served.app.inject('/metrics');
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    const names = body.split('\n').filter((line) => line.startsWith('# TYPE'));
    expect(new Set(names).size).toBe(names.length);
    expect(body.endsWith('\n')).toBe(true);
  });

  test('is not told of paths, and keeps a bound on the names that it holds', async () => {
    await using served = await testApp();
    await served.app.inject('/ada@example.org');
    for (let number = 0; number < 600; number += 1)
      await execute(new Scripted(`made_up_${number}`, () => null), {});
    const names = [...(await scrape(served)).keys()];
    expect(names.join('\n')).not.toContain('ada@');
    expect(names.some((name) => name.includes('made_up_400'))).toBe(true);
    expect(names.some((name) => name.includes('made_up_599'))).toBe(false);
    expect(names.some((name) => name.includes('workflow="other"'))).toBe(true);
  });

  test('is read with the key that may do everything, or one that is given it', async () => {
    const named = (name: string, metrics?: boolean) => ({
      name,
      key: `key-of-${name}-0123`,
      read: [],
      write: [],
      workflows: ['*'],
      ...(metrics !== undefined && { metrics }),
    });
    const apiKey = 'the-key-of-everything';
    await using served = await testApp({ apiKey, keys: [named('support'), named('watch', true)] });
    const ask = async (key?: string) => {
      const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
      return (await served.app.inject({ url: '/metrics', headers })).statusCode;
    };
    expect([await ask(), await ask(apiKey)]).toEqual([401, 200]);
    expect([await ask('key-of-support-0123'), await ask('key-of-watch-0123')]).toEqual([403, 200]);
  });
});
