import { loadConfiguration, redacted, variableOf } from '../configuration.ts';
import { conclude, type CommonFlags } from './common.ts';
import { table } from './table.ts';

/** `graphwright config show`: every setting, its value and where that comes from. */
export async function configShow(flags: CommonFlags): Promise<void> {
  await conclude(flags, async () => {
    const settings = loadConfiguration({
      file: flags.config,
      flags: { data: flags.data },
    }).settings.map(redacted);
    const rows = settings.map(({ key, value, source }) => [
      key,
      value === undefined ? '' : String(value),
      source,
      variableOf(key),
    ]);
    const text = flags.json
      ? JSON.stringify(settings)
      : table(['setting', 'value', 'from', 'variable'], rows);
    process.stdout.write(`${text}\n`);
  });
}
