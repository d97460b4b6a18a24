import { readFile } from 'node:fs/promises';
import { attributed } from '../../../../ontology/attribution.ts';
import { operation } from '../../../../ontology/provenance/activity.ts';
import type { Commit, OntologyStore } from '../../../../ontology/store.ts';
import { parseTurtle } from '../../../../ontology/turtle.ts';
import { shopGraph } from './assess-return.ts';

/**
 * Makes the graph hold the products, stock, customers and orders of a Turtle file, and no others; returns are kept.
 * @throws GraphwrightError `invalid_data` naming file, line and column of a mistake.
 */
export async function loadShop(store: OntologyStore, file: string): Promise<Commit> {
  const quads = parseTurtle(await readFile(file, 'utf8'), file);
  const load = operation('load_shop', { surface: 'program' }, { file });
  return attributed(load, () => store.replace(shopGraph, quads));
}
