import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadShapes } from './load-shapes.ts';
import type { Shapes } from './shape.ts';

/** Where the toolkit's own shapes lie. */
export const ownShapes = fileURLToPath(new URL('../../../ontologies/shapes', import.meta.url));

/**
 * The shapes that the setting `store.shapes` stands for: a path's, none for `none`, else the toolkit's own.
 * @throws GraphwrightError as {@link loadShapes} does.
 */
export async function configuredShapes(setting: string | undefined): Promise<Shapes | undefined> {
  return setting === 'none' ? undefined : loadShapes([setting ? resolve(setting) : ownShapes]);
}
