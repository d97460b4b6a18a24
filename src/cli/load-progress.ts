import { progress as bar } from '@clack/prompts';
import type { CommonFlags } from './common.ts';

/** Shows how far a load is. */
export interface LoadProgress {
  /** Whether anything is shown at all. */
  shown: boolean;
  bytes(read: number): void;
  statements(read: number, inserted: number): void;
  end(message: string): void;
  fail(): void;
}

const steps = 1_000;

/** A bar with rate and time left on a terminal; off it a plain line every ten seconds. */
export function loadProgress(
  { json, quiet }: CommonFlags,
  total: number | undefined,
): LoadProgress {
  if (json || quiet) return silent;
  const state = { bytes: 0, statements: 0, start: performance.now() };
  const words = () => describe(state, total);
  const show = process.stdout.isTTY ? onTerminal(words) : inLines(words);
  return {
    shown: show.shown,
    bytes: (read) => void (state.bytes = read),
    statements(read) {
      state.statements = read;
      show.update(total ? Math.min(steps, Math.floor((state.bytes / total) * steps)) : 0);
    },
    end: show.end,
    fail: show.fail,
  };
}

const nothing = () => undefined;
const silent = { shown: false, bytes: nothing, statements: nothing, end: nothing, fail: nothing };

interface Display {
  shown: boolean;
  update(step: number): void;
  end(message: string): void;
  fail(): void;
}

function onTerminal(words: () => string): Display {
  const shown = bar({ style: 'block', max: steps, size: 40 });
  let before = 0;
  shown.start('Loading');
  return {
    shown: true,
    update(step) {
      shown.advance(step - before, `Loading  ${words()}`);
      before = step;
    },
    end: (message) => shown.stop(message),
    fail: () => shown.error('Nothing was loaded'),
  };
}

function inLines(words: () => string): Display {
  let next = performance.now() + 10_000;
  return {
    shown: false,
    update() {
      if (performance.now() < next) return;
      next = performance.now() + 10_000;
      process.stdout.write(`Loading ${words()}\n`);
    },
    end: nothing,
    fail: nothing,
  };
}

interface State {
  bytes: number;
  statements: number;
  start: number;
}

/** `1,200,000 statements  310,000/s  4 s left`; without a size, how long it takes is not known. */
function describe({ bytes, statements, start }: State, total: number | undefined): string {
  const seconds = (performance.now() - start) / 1000;
  const rate = Math.round(statements / seconds).toLocaleString('en-US');
  const counted = `${statements.toLocaleString('en-US')} statements  ${rate}/s`;
  if (!total || !bytes) return counted;
  return `${counted}  ${Math.ceil((seconds * (total - bytes)) / bytes)} s left`;
}
