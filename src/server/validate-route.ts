import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { GraphwrightError } from '../errors.ts';
import { suggest } from '../nearest.ts';
import { violationsApart } from '../ontology/embedded/validate-apart.ts';
import { formatOfMediaType } from '../ontology/formats/formats.ts';
import { writeRdf } from '../ontology/formats/write-rdf.ts';
import { parseShapes } from '../ontology/shapes/parse-shapes.ts';
import { ValidationReport } from '../ontology/shapes/report.ts';
import type { Shapes } from '../ontology/shapes/shape.ts';
import type { Quad } from '../ontology/terms.ts';
import { Semaphore } from '../workflows/semaphore.ts';
import { addressOf } from './address.ts';
import { connectionEnd } from './connection-end.ts';
import { quadsIn, readGraphBodies, type GraphForm } from './graph-body.ts';
import { acceptedType, forgetCharset, sendBytes } from './negotiation.ts';
import { serialized } from './send-graph.ts';
import { reportFormats, validateSchema } from './validate-openapi.ts';

const largest = 8 * 1024 * 1024;

/** Each validation is a thread with a graph of its own; further ones wait in line. */
const atOnce = 2;

/** What a request is checked against when it brings no shapes, and how long that may take. */
export interface ValidateSettings {
  shapes?: Shapes;
  /** Milliseconds. */
  timeout: number;
}

/**
 * `POST /validate`: the SHACL report of the graph that is sent, which is not written. The parts `data` and
 * `shapes` of a form bring their own shapes; a graph alone is checked against those of the configuration.
 */
export function validateRoute({
  shapes: configured,
  timeout,
}: ValidateSettings): FastifyPluginAsync {
  const turns = new Semaphore(atOnce);
  return async (app) => {
    readGraphBodies(app, addressOf, { largest, parts: true });
    app.addHook('onRequest', forgetCharset);
    // The schema is documentation: partsOf() and readGraphBodies() are what parses.
    app.setValidatorCompiler(() => () => true);
    app.setSerializerCompiler(() => (data) => JSON.stringify(data));
    app.post('/validate', { schema: validateSchema }, async (request, reply) => {
      const mediaType = acceptedType(request, reportFormats, 'The report is offered as');
      const { data, shapes = configured } = partsOf(request);
      if (!shapes) throw shapeless();
      const signal = connectionEnd(request);
      const found = await turns.run(
        () => violationsApart(data, shapes, { signal, timeout }),
        signal,
      );
      return sendReport(reply, new ValidationReport(found), mediaType);
    });
  };
}

/** What a request sent, its shapes read. */
function partsOf(request: FastifyRequest): { data: Quad[]; shapes?: Shapes } {
  const { body } = request;
  if (!(body instanceof Map)) return { data: quadsIn(request) };
  const form = body as GraphForm;
  const [stray] = [...form.keys()].filter((name) => name !== 'data' && name !== 'shapes');
  if (stray !== undefined)
    throw invalid(stray, `Unknown part ${stray}; ${suggest(stray, ['data', 'shapes'])}`);
  const data = form.get('data');
  if (!data) throw invalid('data', 'The form has no file data, the graph that is to be checked');
  const shapes = form.get('shapes');
  return { data, ...(shapes && { shapes: parseShapes(shapes) }) };
}

const invalid = (key: string, detail: string) =>
  new GraphwrightError('invalid_parameters', detail, {
    problems: [{ pointer: `/${key}`, detail }],
  });

const shapeless = () =>
  invalid(
    'shapes',
    'store.shapes is none, so send the shapes along: a form with the files data and shapes',
  );

async function sendReport(
  reply: FastifyReply,
  report: ValidationReport,
  mediaType: string,
): Promise<FastifyReply> {
  return sendBytes(reply, mediaType, Buffer.from(await written(report, mediaType)));
}

async function written(report: ValidationReport, mediaType: string): Promise<string> {
  if (mediaType === 'application/json') return JSON.stringify(report);
  if (mediaType === 'text/turtle') return report.toTurtle();
  const page = serialized(report.quads(), 'application/n-triples');
  const format = formatOfMediaType(mediaType) as 'ntriples' | 'jsonld' | 'rdfxml';
  let text = '';
  for await (const part of writeRdf(once(page), format)) text += part;
  return text;
}

async function* once(page: Promise<string>) {
  yield page;
}
