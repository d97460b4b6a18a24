import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { describe, expect, test } from 'vitest';
import { RemoteStore } from '../../src/ontology/remote/remote-store.ts';
import { openStateFile } from '../../src/ontology/embedded/state-file.ts';
import { sparql } from '../../src/ontology/sparql.ts';
import { EmbeddedRuns } from '../../src/workflows/runs/embedded-runs.ts';
import { Scripted } from '../conformance/runs.ts';
import { json, httpServer } from '../integrations/support/http-server.ts';
import { testApp } from '../server/apps.ts';
import { tracedToMemory } from '../support/spans.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const caller = 'b7ad6b7169203331';
const traceparent = `00-${traceId}-${caller}-01`;

describe('spans of requests', () => {
  test('a traceparent leads from the client to the queries of the run that it started', async () => {
    await using spans = await tracedToMemory();
    const state = await openStateFile({ path: ':memory:' });
    const runs = await EmbeddedRuns.open({ state, workflows: [] });
    const look = new Scripted('look_up', (run) =>
      run.step('find', () => served.store.ask(sparql`ASK { ?s ?p "Ada" }`)),
    );
    await using served = await testApp({ runs, workflows: [look] });
    const url = await served.app.listen({ port: 0 });
    spans.reset();
    const headers = { traceparent, 'content-type': 'application/json', prefer: 'wait=20' };
    const body = JSON.stringify({ note: 'Ada' });
    const answer = await fetch(`${url}/workflows/look_up`, { method: 'POST', headers, body });
    expect([answer.status, await answer.json()]).toEqual([200, false]);
    await expect.poll(spans.names, { timeout: 20_000 }).toContain('POST /workflows/look_up');

    const chain = ['ASK', 'step find', 'run look_up', 'start look_up', 'POST /workflows/look_up'];
    for (const [index, name] of chain.slice(0, -1).entries())
      expect([name, spans.parentOf(name)]).toEqual([name, chain[index + 1]]);
    for (const name of chain) expect(spans.named(name).spanContext().traceId).toBe(traceId);
    expect(spans.named('POST /workflows/look_up')).toMatchObject({
      kind: SpanKind.SERVER,
      parentSpanContext: { spanId: caller, isRemote: true },
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/workflows/look_up',
        'http.response.status_code': 200,
      },
    });
    await runs.close();
    await state.close();
  });

  test('name the route and never the path; a wrong request is no error of the server', async () => {
    await using spans = await tracedToMemory();
    await using served = await testApp();
    const { app } = served;
    for (const url of ['/workflows/ada@example.org', '/ada@example.org', '/healthz'])
      await app.inject({ url, headers: { traceparent: 'nonsense' } });
    await expect.poll(spans.names, { timeout: 20_000 }).toContain('GET /healthz');
    const names = spans.all().filter(({ kind }) => kind === SpanKind.SERVER);
    expect(names.map(({ name, status: { code } }) => [name, code])).toEqual([
      ['GET /workflows/:name', SpanStatusCode.UNSET],
      ['GET unknown', SpanStatusCode.UNSET],
      ['GET /healthz', SpanStatusCode.UNSET],
    ]);
    expect(JSON.stringify(names.map(({ attributes }) => attributes))).not.toContain('ada@');
  });

  test('of a failure of the server tell its code', async () => {
    await using spans = await tracedToMemory();
    await using served = await testApp();
    await served.store.close();
    expect((await served.app.inject('/readyz')).statusCode).toBe(503);
    await expect.poll(spans.names, { timeout: 20_000 }).toContain('GET /readyz');
    expect(spans.named('GET /readyz')).toMatchObject({
      attributes: { 'error.type': 'unavailable', 'http.response.status_code': 503 },
      status: { code: SpanStatusCode.ERROR },
    });
  });

  test('a query to another server takes the trace along', async () => {
    await using spans = await tracedToMemory();
    const sent: (string | string[] | undefined)[] = [];
    const answer = json({ head: {}, boolean: true });
    const server = await httpServer((request, response, number) => {
      sent.push(request.headers['traceparent']);
      answer(request, response, number);
    });
    const store = new RemoteStore({ query: `${server.url}/query` });
    expect(await store.ask(sparql`ASK {}`)).toBe(true);
    await store.close();
    await server.close();
    const span = spans.named('ASK');
    const { traceId: own, spanId } = span.spanContext();
    expect(sent).toEqual([`00-${own}-${spanId}-01`]);
    expect(span.attributes).toMatchObject({
      'db.system.name': 'sparql',
      'server.address': '127.0.0.1',
      'server.port': Number(new URL(server.url).port),
    });
  });
});
