import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { graphwright, start, temporaryDirectory } from '../support/command.ts';

/** Loaded before the command: whatever would reach out of the process fails. */
const offline = `data:text/javascript,${encodeURIComponent(`
  import { Socket } from 'node:net';
  Socket.prototype.connect = () => { throw new Error('The network is not to be used here'); };
`)}`;
const env = { NODE_OPTIONS: `--import ${offline}` };

const birth = "I'm Ada Lovelace, born on 10 December 1815 at 1 pm";

const profiles = `PREFIX gw: <https://w3id.org/graphwright#>
SELECT ?name ?date ?time ?place ?latitude ?longitude ?zone ?user WHERE {
  GRAPH <urn:graphwright:graph:profile_data> {
    ?profile a gw:Profile ; gw:fullName ?name ; gw:birthDate ?date ; gw:birthTime ?time ; gw:birthPlace ?place ;
      gw:birthLatitude ?latitude ; gw:birthLongitude ?longitude ; gw:birthTimeZone ?zone .
    OPTIONAL { ?profile gw:profileOf ?user }
  }
} ORDER BY ?name`;

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
beforeAll(async () => {
  directory = await temporaryDirectory();
});
afterAll(() => directory[Symbol.asyncDispose]());

const command = (words: string[], stdin?: string) =>
  graphwright(words, { cwd: directory.path, env, stdin });

const stored = async () =>
  (await command(['query', '--format', 'csv', profiles])).stdout.trim().split(/\r?\n/).slice(1);

describe('L14 the profile example, offered without a configuration, a key or a network', () => {
  test('what would use the network fails here', async () => {
    const asked = await command(['flows', 'list', '--url', 'http://127.0.0.1:9']);
    expect(asked.code).not.toBe(0);
  });

  test('is listed, and talked through by the command', async () => {
    expect((await command(['flows', 'list'])).stdout).toMatch(
      /profile_creation +Profile creation +3/,
    );
    const talked = await command(
      ['chat', '--flow', 'profile_creation'],
      `${birth}\nLondon, UK\nyes\n`,
    );
    expect(talked).toMatchObject({ code: 0, stdout: expect.stringContaining('Profile created.') });
    expect(talked.stderr).toContain('It is completed.');
  });

  test('is talked through over HTTP, for the user that is named; both profiles are in the graph', async () => {
    const { child, ended } = start(['serve', '--port', '0'], { cwd: directory.path, env });
    let log = '';
    child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
    await vi.waitUntil(() => log.includes('"url"'), { timeout: 60_000 });
    const { url } = JSON.parse(log.split('\n')[0]!) as { url: string };
    /** As clients do: again, as long as the server is too busy, which it says before it begins. */
    const post = async (path: string, body: object) => {
      const headers = { 'content-type': 'application/json' };
      const wanted = { method: 'POST', headers, body: JSON.stringify(body) };
      const sent = await vi.waitUntil(
        async () => {
          const answer = await fetch(`${url}${path}`, wanted);
          return answer.status === 503 ? undefined : answer;
        },
        { timeout: 60_000, interval: 200 },
      );
      return (await sent.json()) as { id: string; status: string };
    };
    const { id } = await post('/conversations', { flow: 'profile_creation', userId: 'u-1' });
    let status = '';
    for (const content of ['Grace Hopper, born on 9 December 1906 at 06:30', 'New York', 'yes'])
      ({ status } = await post(`/conversations/${id}/messages`, { content }));
    expect(status).toBe('completed');
    child.kill('SIGTERM');
    await ended;
    expect(await stored()).toEqual([
      'Ada Lovelace,1815-12-10,13:00:00,"London, Westminster, United Kingdom",51.5,-0.1167,Europe/London,',
      expect.stringMatching(
        /^Grace Hopper,1906-12-09,06:30:00,"New York, .*America\/New_York,u-1$/,
      ),
    ]);
  });

  test('makes room for flows of one’s own', async () => {
    await using own = await temporaryDirectory();
    const flow = 'id: a\nname: A\nsteps:\n  - { id: hi, type: agent_response, prompt: Hello }\n';
    await writeFile(join(own.path, 'a.yaml'), flow);
    const listed = await graphwright(['flows', 'list', '--json'], {
      cwd: own.path,
      env: { GRAPHWRIGHT_FLOWS: '.' },
    });
    const { items } = JSON.parse(listed.stdout) as { items: { id: string }[] };
    expect(items.map(({ id }) => id)).toEqual(['a']);
  });
}, 90_000);
