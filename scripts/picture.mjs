// Draws the end of the demo as docs/demo.svg, from what the command really prints.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const root = new URL('..', import.meta.url).pathname;
const data = mkdtempSync(join(tmpdir(), 'graphwright-'));
const printed = execFileSync('node', ['dist/cli/main.js', 'demo', '--data', data], {
  cwd: root,
  env: { ...process.env, FORCE_COLOR: '1' },
  encoding: 'utf8',
});
rmSync(data, { recursive: true });

const escape = String.fromCharCode(27);
const parts = new RegExp(`${escape}\\[(\\d+)m|[^${escape}]+`, 'g');

const styles = {
  1: ' font-weight="700" fill="#f0f6fc"',
  2: ' fill="#8b949e"',
  31: ' fill="#ff7b72"',
  32: ' fill="#56d364"',
  33: ' fill="#e3b341"',
  36: ' fill="#79c0ff"',
};

const markup = (text) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const from = printed.lastIndexOf('\n', printed.indexOf('How customers feel')) + 1;
const lines = printed.slice(from).split('\n');
const end = lines.findIndex((line) => line.includes('Go on with'));
writeFileSync(join(root, 'docs/demo.svg'), draw(lines.slice(0, end - 2)));

function draw(shown) {
  const [width, height] = [8.2, 17];
  const columns = Math.max(...shown.map((line) => stripVTControlCharacters(line).length));
  const size = [Math.ceil(columns * width + 40), shown.length * height + 40];
  let style = '';
  const rows = shown.map((line, index) => row(line, 34 + index * height)).join('\n');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.join(' ')}" width="${size[0]}" height="${size[1]}" role="img" aria-label="The end of the demo: tables of sentiment by category, actions taken, accuracy, and customers to call">
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="13.6" fill="#c9d1d9" xml:space="preserve">
${rows}
</g>
</svg>
`;

  // Each run of characters gets its own place, so that columns meet in whatever font a viewer has.
  function row(line, y) {
    let column = 0;
    let out = '';
    for (const [part, code] of line.matchAll(parts)) {
      if (code !== undefined) style = styles[code] ?? '';
      else {
        for (const { 0: word, index } of part.matchAll(/\S+(?: \S+)*/g)) {
          out += `<tspan x="${(20 + (column + index) * width).toFixed(1)}" textLength="${(word.length * width).toFixed(1)}" lengthAdjust="spacingAndGlyphs"${style}>${markup(word)}</tspan>`;
        }
        column += part.length;
      }
    }
    return `<text y="${y}">${out}</text>`;
  }
}
