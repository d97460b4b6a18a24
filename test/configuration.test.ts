import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  loadConfiguration,
  redacted,
  settingKeys,
  variablesOf,
  variableOf,
  type ConfigurationSources,
} from '../src/configuration.ts';
import { GraphwrightError } from '../src/errors.ts';
import { temporaryDirectory } from './support/command.ts';

/** Loads from a directory with these files, and nothing of this machine. */
async function load(
  files: Record<string, string> = {},
  sources: Omit<ConfigurationSources, 'directory'> = {},
) {
  await using directory = await temporaryDirectory();
  for (const [name, text] of Object.entries(files))
    await writeFile(join(directory.path, name), text);
  const { configuration, settings } = loadConfiguration({
    directory: directory.path,
    environment: {},
    ...sources,
  });
  const sourceOf = (wanted: string) =>
    settings.find(({ key }) => key === wanted)?.source.replace(directory.path, '');
  return { configuration, settings, sourceOf };
}

/** The message of the `invalid_configuration` that it must fail with. */
async function refusal(...given: Parameters<typeof load>): Promise<string> {
  const outcome: unknown = await load(...given).catch((error: unknown) => error);
  if (outcome instanceof GraphwrightError && outcome.code === 'invalid_configuration')
    return outcome.message;
  throw new Error('It was let through, or failed otherwise', { cause: outcome });
}

const yaml = (text: string) => ({ 'graphwright.config.yaml': text });

describe('the configuration', () => {
  test('runs everything embedded on this machine when nothing is set', async () => {
    const { configuration, settings } = await load();
    expect(configuration).toEqual({
      data: './data',
      tracing: 'off',
      maxParallelRequests: 5,
      server: { host: '127.0.0.1', port: 7411, mcpHosts: [], mcpOrigins: [] },
      approval: {
        policy: 'assistants',
        workflows: [],
        expiresAfterHours: 168,
        separateApprover: false,
        overStdio: false,
      },
      runs: { keepDays: 30, keepCount: 100_000, crashLimit: 100 },
      mail: { from: 'feedback@localhost.localdomain', fromName: 'Customer care' },
      customers: {},
      model: {},
      agents: {
        modelCalls: 20,
        toolCalls: 40,
        tokens: 200_000,
        timeout: 120_000,
        prices: [],
        historyTokens: 20_000,
        keepDays: 30,
        definitions: [],
      },
      conversations: {},
      store: {
        timeout: 30_000,
        loadFrom: [],
        loadFromPrivate: [],
        provenance: 'statement',
        provenanceParameters: 'full',
      },
    });
    expect(new Set(settings.map(({ source }) => source))).toEqual(new Set(['default']));
    expect(settings.map(({ key }) => key)).toEqual(settingKeys);
  });

  test('V19 hands on all variables, where .env is weaker, and one set to nothing is not set', async () => {
    await using directory = await temporaryDirectory();
    await writeFile(join(directory.path, '.env'), 'ONE=1\nTWO=1\nTHREE=1');
    const environment = { TWO: '2', THREE: '', FOUR: undefined };
    expect(variablesOf({ directory: directory.path, environment })).toEqual({
      ONE: '1',
      TWO: '2',
      THREE: '1',
    });
  });

  test('V19 leaves what belongs to conversations to them, variables of .env included', async () => {
    const { configuration, sourceOf } = await load(
      {
        ...yaml('conversations: { backend: file, file: { storage_directory: ./talk } }'),
        '.env': 'GRAPHWRIGHT_CONVERSATIONS_BACKEND=memory',
      },
      { environment: { GRAPHWRIGHT_CONVERSATIONS_SESSIONS_IDLE_TIMEOUT: '60' } },
    );
    expect(configuration.conversations).toEqual({
      backend: 'file',
      file: { storage_directory: './talk' },
    });
    expect(sourceOf('conversations')).toBe('/graphwright.config.yaml');
    expect((await load(yaml('conversations:'))).configuration.conversations).toEqual({});
    expect(await refusal(yaml('conversations: nothing'))).toMatch(/graphwright\.config\.yaml/);
  });

  test('takes flags over environment over .env over the file, and says which', async () => {
    const files = {
      ...yaml('server: { port: 1, host: localhost }\ndata: from-file\nmaxParallelRequests: 2'),
      '.env': 'GRAPHWRIGHT_SERVER_PORT=2\nGRAPHWRIGHT_DATA="from dotenv" # comment',
    };
    const one = await load(files);
    expect(one.configuration).toMatchObject({
      data: 'from dotenv',
      maxParallelRequests: 2,
      server: { port: 2, host: 'localhost' },
    });
    expect(one.sourceOf('server.port')).toBe('GRAPHWRIGHT_SERVER_PORT in /.env');
    expect(one.sourceOf('server.host')).toBe('/graphwright.config.yaml');
    const environment = { GRAPHWRIGHT_SERVER_PORT: '3', GRAPHWRIGHT_DATA: '', HOME: '/root' };
    const two = await load(files, { environment });
    expect(two.configuration).toMatchObject({ data: 'from dotenv', server: { port: 3 } });
    expect(two.sourceOf('server.port')).toBe('GRAPHWRIGHT_SERVER_PORT');
    const three = await load(files, {
      environment,
      flags: { 'server.port': '4', data: undefined },
    });
    expect(three.configuration).toMatchObject({ data: 'from dotenv', server: { port: 4 } });
    expect(three.sourceOf('server.port')).toBe('flag');
  });

  test('leaves the environment of the process alone', async () => {
    const before = { ...process.env };
    await load({ '.env': 'GRAPHWRIGHT_DATA=elsewhere\nGRAPHWRIGHT_TEST_ONLY_UNRELATED=' });
    expect({ ...process.env }).toEqual(before);
  });

  test.each([
    ['data', 'GRAPHWRIGHT_DATA'],
    ['server.apiKey', 'GRAPHWRIGHT_SERVER_API_KEY'],
    ['mail.smtpUrl', 'GRAPHWRIGHT_MAIL_SMTP_URL'],
    ['maxParallelRequests', 'GRAPHWRIGHT_MAX_PARALLEL_REQUESTS'],
  ])('reads %s from %s', (key, variable) => {
    expect(variableOf(key)).toBe(variable);
  });

  test('can be a file elsewhere, which must then exist', async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, 'other.yaml');
    expect(await refusal({}, { file })).toContain(file);
    await writeFile(file, 'data: other');
    expect((await load(yaml('data: usual'), { file })).configuration.data).toBe('other');
  });

  test.each([
    ['an unknown key', yaml('dat: x'), 'did you mean data?'],
    ['an unknown key in a group', yaml('server: { prot: 1 }'), 'did you mean server.port?'],
    ['a key too deep', yaml('server: { port: { min: 1 } }'), 'server.port'],
    ['an inherited name', yaml('__proto__: { port: 1 }'), '__proto__.port'],
    [
      'an unknown variable',
      { '.env': 'GRAPHWRIGHT_PORT=1' },
      'did you mean GRAPHWRIGHT_SERVER_PORT?',
    ],
    [
      'a variable that fits several',
      { '.env': 'GRAPHWRIGHT_API_KEY=1' },
      'SERVER_API_KEY or GRAPHWRIGHT_MODEL_API_KEY or GRAPHWRIGHT_AGENTS_API_KEY?',
    ],
    [
      'a variable that is like none',
      { '.env': 'GRAPHWRIGHT_WEATHER=1' },
      'there are GRAPHWRIGHT_DATA, ',
    ],
    ['a key outside its group', yaml('port: 1'), 'did you mean server.port?'],
    ['a text for a group', yaml('server: 127.0.0.1'), 'server.host, server.port'],
    ['a list', yaml('- data'), 'keys and values'],
    ['broken YAML', yaml('data: [\n'), 'graphwright.config.yaml'],
    ['the same key twice', yaml('data: a\ndata: b'), 'unique'],
  ])('refuses %s', async (_, files, message) => {
    expect(await refusal(files)).toContain(message);
  });

  test('takes a group whose lines are all commented out as not given', async () => {
    expect((await load(yaml('server:\n  # port: 1\ndata: x'))).configuration).toMatchObject({
      data: 'x',
      server: { port: 7411 },
    });
  });

  test.each([
    ['GRAPHWRIGHT_SERVER_PORT', '0x10'],
    ['GRAPHWRIGHT_SERVER_PORT', '1e3'],
    ['GRAPHWRIGHT_SERVER_PORT', ' '],
    ['GRAPHWRIGHT_SERVER_PORT', '-1'],
    ['GRAPHWRIGHT_SERVER_PORT', '65536'],
    ['GRAPHWRIGHT_SERVER_PORT', 'true'],
    ['GRAPHWRIGHT_STORE_TIMEOUT', '99999999999'],
    ['GRAPHWRIGHT_MAX_PARALLEL_REQUESTS', '0'],
    ['GRAPHWRIGHT_SERVER_API_KEY', 'too-short'],
    ['GRAPHWRIGHT_SERVER_API_KEY', 'a key that no header can carry'],
    ['GRAPHWRIGHT_MAIL_FROM', 'a@b.org\r\nBcc: c@d.org'],
    ['GRAPHWRIGHT_MAIL_SMTP_URL', 'https://mail.example.org'],
    ['GRAPHWRIGHT_CUSTOMERS_CRM_URL', 'file:///etc/passwd'],
  ])('refuses %s=%j, naming it', async (variable, value) => {
    const message = await refusal({}, { environment: { [variable]: value } });
    expect(message).toContain(variable);
  });

  test.each(['true', '', 'null', '1.5', '[7411]'])(
    'refuses the port %j in a file',
    async (port) => {
      const message = await refusal(yaml(`server: { port: ${port} }`));
      expect(message).toContain('server.port');
      expect(message).toContain('graphwright.config.yaml');
    },
  );

  test('hides its secrets when it is shown', async () => {
    const environment = {
      GRAPHWRIGHT_SERVER_API_KEY: 'hush-hush-hush-hush',
      GRAPHWRIGHT_MAIL_SMTP_URL: 'smtps://user:hush@mail.example.org',
      GRAPHWRIGHT_CUSTOMERS_CRM_TOKEN: 'hush',
      GRAPHWRIGHT_MODEL_API_KEY: 'hush',
      GRAPHWRIGHT_RUNS_DATABASE_URL: 'postgres://user:hush@db.example.org/runs',
    };
    const { settings, configuration } = await load({}, { environment });
    expect(configuration.server.apiKey).toBe('hush-hush-hush-hush');
    const shown = JSON.stringify(settings.map(redacted));
    expect(shown).not.toContain('hush');
    expect(shown.match(/\(hidden\)/g)).toHaveLength(5);
  });
});
