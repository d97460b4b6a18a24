import { GraphwrightError } from '../errors.ts';
import { suggest } from '../nearest.ts';
import { configuredShapes } from '../ontology/shapes/configured-shapes.ts';
import { loadShapes } from '../ontology/shapes/load-shapes.ts';
import type { ValidationReport } from '../ontology/shapes/report.ts';
import { inWords } from '../ontology/shapes/shape-violation.ts';
import { validate as validateGraph } from '../ontology/shapes/validate.ts';
import { openGraph } from '../server/open-graph.ts';
import { conclude, configurationOf, interruption, type CommonFlags } from './common.ts';

/** What `validate` takes besides the common flags. */
export interface ValidateFlags extends CommonFlags {
  /** Files and directories; those of the configuration by default. */
  shapes?: string[];
  format?: string;
}

/**
 * `graphwright validate`: checks the whole graph against SHACL shapes. The report goes to standard output;
 * a graph that does not conform ends the command with the exit code of `shape_violation`.
 */
export async function validate(flags: ValidateFlags): Promise<void> {
  await conclude(flags, async () => {
    const format = flags.format ?? (flags.json ? 'json' : 'text');
    const write = formats.get(format);
    if (!write)
      throw new GraphwrightError(
        'invalid_parameters',
        `Unknown format ${format}; ${suggest(format, [...formats.keys()])}`,
      );
    const configuration = configurationOf(flags);
    const shapes = flags.shapes
      ? await loadShapes(flags.shapes)
      : await configuredShapes(configuration.store.shapes);
    if (!shapes)
      throw new GraphwrightError(
        'invalid_parameters',
        'store.shapes is none; say with --shapes what the graph is to be checked against',
      );
    const { store, close } = await openGraph(configuration);
    try {
      const report = await validateGraph(store, shapes, { signal: interruption() });
      process.stdout.write(await write(report, flags));
      if (!report.conforms) process.exitCode = notConforming;
    } finally {
      await close();
    }
  });
}

/** A report that was asked for is no error, but scripts must see what it says. */
const notConforming = new GraphwrightError('shape_violation', '').exit;

type Format = (report: ValidationReport, flags: CommonFlags) => string | Promise<string>;

const formats = new Map<string, Format>(
  Object.entries({
    text: inLines,
    json: (report) => `${JSON.stringify(report)}\n`,
    turtle: (report) => report.toTurtle(),
  }),
);

function inLines({ conforms, results }: ValidationReport, { quiet }: CommonFlags): string {
  if (conforms) return quiet ? '' : 'The graph conforms to its shapes\n';
  const lines = results.map((result) => {
    const severity = result.severity.value.replace(/.*[#/]/, '');
    return `${severity}: ${plain(inWords(result))}\n`;
  });
  const sum = quiet ? '' : `${results.length} ${results.length === 1 ? 'result' : 'results'}\n`;
  return lines.join('') + sum;
}

/** A terminal obeys control characters, and what customers write may hold them. */
const plain = (value: string): string => value.replaceAll(/\p{Cc}+/gu, ' ');
