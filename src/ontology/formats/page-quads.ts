import { Parser } from 'n3';
import type { BulkPage } from '../embedded/bulk-page.ts';
import { writtenText } from '../embedded/written-text.ts';
import { factory, type Quad } from '../terms.ts';

/** A page's statements as quads, literals and language tags as they were written. */
export const quadsOfPage = (page: BulkPage): Quad[] => quadsIn(writtenText(page));

/** The quads of all pages, in memory. */
export async function quadsOfPages(pages: AsyncIterable<BulkPage>): Promise<Quad[]> {
  const quads: Quad[] = [];
  for await (const page of pages) for (const quad of quadsOfPage(page)) quads.push(quad);
  return quads;
}

/** The quads of a page of N-Quads, with their own blank nodes' labels. */
export const quadsIn = (page: string): Quad[] =>
  new Parser({ format: 'N-Quads', blankNodePrefix: '', factory }).parse(page);
