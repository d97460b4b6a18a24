import { escapeXml } from '../../../ontology/formats/escape-xml.ts';
import { endStep, type CompiledFlow } from '../flow.ts';

interface Point {
  readonly x: number;
  readonly y: number;
}

interface Node extends Point {
  readonly width: number;
  readonly height: number;
  readonly label: string;
  readonly kind: string;
}

interface Edge {
  readonly points: readonly Point[];
  readonly label?: string;
  readonly x?: number;
  readonly y?: number;
}

/** How dagre names an edge. */
interface Place {
  readonly v: string;
  readonly w: string;
  readonly name?: string;
}

const [lineHeight, characterWidth, margin] = [18, 7.4, 24];

/** The fill of each kind of step; all are readable under black text. */
const fills: Readonly<Record<string, string>> = {
  user_input: '#fde8c8',
  approval: '#f8d4d4',
  decision: '#e4dcf7',
  database_query: '#d3e9d6',
  workflow: '#d3e9d6',
  wait_for_event: '#f0f0c8',
  flow: '#d6e6f5',
  terminal: '#e6e6e6',
};

/** A flow as a picture of its own (SVG 1.1): no script, no outside font. */
export async function svgOf(flow: CompiledFlow): Promise<string> {
  const { graph, layout } = await laidOut(flow);
  const { width = 0, height = 0 } = layout;
  const nodes = graph.nodes().map((name: string) => graph.node(name) as unknown as Node);
  const edges: Edge[] = graph.edges().map((edge: Place) => graph.edge(edge) as unknown as Edge);
  const [w, h] = [Math.ceil(width + 2 * margin), Math.ceil(height + 2 * margin)];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${-margin} ${-margin} ${w} ${h}" width="${w}" height="${h}" font-family="system-ui, sans-serif" font-size="13" role="img">`,
    `<title>${escapeXml(flow.name)}</title>`,
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 8 4 0 8z" fill="#555"/></marker></defs>',
    ...edges.map(drawnEdge),
    ...nodes.map(drawnNode),
    '</svg>\n',
  ].join('\n');
}

async function laidOut(flow: CompiledFlow) {
  const { default: dagre } = await import('@dagrejs/dagre');
  const graph = new dagre.graphlib.Graph({ multigraph: true });
  graph.setGraph({ rankdir: 'TB', nodesep: 30, ranksep: 44 });
  const box = (id: string, label: string, kind: string) =>
    graph.setNode(id, { label, kind, width: label.length * characterWidth + 28, height: 34 });
  const line = (from: string, to: string, label = '') => {
    const size = { width: label.length * 6.2, height: lineHeight };
    // Two ways between the same steps are told apart by their names, which may not be empty.
    graph.setEdge(from, to, { label, labelpos: 'c', ...size }, `way ${label}`);
  };
  box(' start', flow.name, 'terminal');
  for (const { name, kind } of flow.steps) box(name, name, kind);
  line(' start', flow.start);
  for (const { name, transitions } of flow.steps)
    for (const { to, label, flow: calls } of transitions) {
      const target = calls ? `flow ${to}` : to === endStep ? ' end' : to;
      if (calls) box(target, to, 'flow');
      if (to === endStep) box(' end', 'end', 'terminal');
      line(name, target, label);
    }
  if (flow.ends.length > 0) box(' end', 'end', 'terminal');
  for (const name of flow.ends) line(name, ' end');
  dagre.layout(graph);
  return { graph, layout: graph.graph() as { width?: number; height?: number } };
}

function drawnNode({ x, y, width, height, label, kind }: Node): string {
  const round =
    kind === 'terminal' ? height / 2 : kind === 'user_input' || kind === 'approval' ? 2 : 7;
  const [left, top] = [x - width / 2, y - height / 2].map(rounded);
  return `<rect x="${left}" y="${top}" width="${rounded(width)}" height="${height}" rx="${round}" fill="${fills[kind] ?? '#eef2f6'}" stroke="#555"/><text x="${rounded(x)}" y="${rounded(y + 4.5)}" text-anchor="middle">${escapeXml(label)}</text>`;
}

function drawnEdge({ points, label, x, y }: Edge): string {
  const path = points.map((point) => `${rounded(point.x)} ${rounded(point.y)}`).join(' L');
  const words =
    label && x !== undefined && y !== undefined
      ? `<text x="${rounded(x)}" y="${rounded(y + 4)}" text-anchor="middle" font-size="11" fill="#333" stroke="#fff" stroke-width="4" paint-order="stroke">${escapeXml(label)}</text>`
      : '';
  return `<path d="M${path}" fill="none" stroke="#555" marker-end="url(#arrow)"/>${words}`;
}

const rounded = (value: number): number => Math.round(value * 10) / 10;
