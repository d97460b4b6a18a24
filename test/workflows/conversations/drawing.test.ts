import { expect, test } from 'vitest';
import { mermaidOf } from '../../../src/workflows/conversations/drawing/mermaid.ts';
import { svgOf } from '../../../src/workflows/conversations/drawing/svg.ts';
import { compileFlow } from '../../../src/workflows/conversations/flows/compile-flow.ts';

const flow = compileFlow({
  id: 'support',
  name: 'Support <b>"now"</b>',
  steps: [
    {
      id: 'issue',
      type: 'user_input',
      prompt: 'What is it?',
      input: { type: 'choice', options: ['Order', 'Other'] },
      conditions: { order: 'flow:order_tracking', other: 'ask' },
      next: 'ask',
    },
    { id: 'ask', type: 'agent_response', prompt: 'Tell me' },
  ],
});

test('V3 a flow is drawn as a Mermaid flowchart, with its conditions at the arrows', () => {
  expect(mermaidOf(flow)).toBe(`flowchart TD
  start(["Support #60;b#62;#34;now#34;#60;/b#62;"]) --> s0
  s0[/"issue"/]
  s1["ask"]
  s0 -->|"order"| f_order_tracking
  s0 -->|"other"| s1
  s1 --> stop
  f_order_tracking[["order_tracking"]]
  stop(["end"])
`);
});

test('T26 a flow is drawn as an SVG picture that holds its words as text alone', async () => {
  const svg = await svgOf(flow);
  expect(svg).toContain('<title>Support &lt;b&gt;&quot;now&quot;&lt;/b&gt;</title>');
  expect(svg).not.toMatch(/<(script|b|foreignObject)|\son\w+=|NaN|undefined/);
  const texts = [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
  expect(texts.toSorted()).toEqual([
    'Support &lt;b&gt;&quot;now&quot;&lt;/b&gt;',
    'ask',
    'end',
    'issue',
    'order',
    'order_tracking',
    'other',
  ]);
  const [, width, height] = /viewBox="-24 -24 (\d+) (\d+)"/.exec(svg)!.map(Number);
  const boxes = [
    ...svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="(\d+)"/g),
  ];
  expect(boxes).toHaveLength(5);
  for (const [, x, y, w, h] of boxes.map((box) => box.map(Number))) {
    expect(x! + w!).toBeLessThanOrEqual(width!);
    expect(y! + h!).toBeLessThanOrEqual(height!);
  }
});
