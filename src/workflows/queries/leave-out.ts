import type { Pattern, Query, UnionPattern } from 'sparqljs';
import { mentions } from './mentions.ts';

/**
 * A query without what mentions the absent arguments: each FILTER and HAVING goes, and of everything else
 * the innermost braces around it. Undefined when those are the braces of the whole query.
 */
export function leaveOut<Q extends Query>(query: Q, absent: ReadonlySet<string>): Q | undefined {
  if (absent.size === 0) return query;
  const where = kept(query.where ?? [], absent);
  if (!where) return undefined;
  if (query.queryType !== 'SELECT' || !query.having) return { ...query, where };
  const having = query.having.filter((condition) => !mentions(condition, absent));
  return { ...query, where, having: having.length > 0 ? having : undefined };
}

/** What is left of a group; undefined when the group must go. */
function kept(patterns: readonly Pattern[], absent: ReadonlySet<string>): Pattern[] | undefined {
  const left: Pattern[] = [];
  for (const pattern of patterns) {
    if (!mentions(pattern, absent)) left.push(pattern);
    else if (pattern.type === 'union') left.push(...keptUnion(pattern, absent));
    else if (hasBraces(pattern)) {
      if ('name' in pattern && mentions(pattern.name, absent)) continue;
      const inner = kept(pattern.patterns, absent);
      if (inner) left.push({ ...pattern, patterns: inner });
    } else if (pattern.type !== 'filter') {
      const inner = pattern.type === 'query' ? keptQuery(pattern, absent) : undefined;
      if (!inner) return undefined;
      left.push(inner);
    }
  }
  return left;
}

type Braces = Extract<Pattern, { type: 'group' | 'optional' | 'minus' | 'graph' | 'service' }>;

const hasBraces = (pattern: Pattern): pattern is Braces =>
  ['group', 'optional', 'minus', 'graph', 'service'].includes(pattern.type);

/** A SELECT within a query is left only when its own conditions were all that mentioned them. */
function keptQuery(
  query: Extract<Pattern, { type: 'query' }>,
  absent: ReadonlySet<string>,
): Pattern | undefined {
  const left = leaveOut(query, absent);
  return left && !mentions(left, absent) ? left : undefined;
}

/** The parser drops braces around a branch of one pattern, which count all the same. */
function keptUnion({ patterns }: UnionPattern, absent: ReadonlySet<string>): Pattern[] {
  const branches = patterns.flatMap((branch): Pattern[] => {
    const inner = kept(branch.type === 'group' ? branch.patterns : [branch], absent);
    return inner ? [{ type: 'group', patterns: inner }] : [];
  });
  return branches.length > 1 ? [{ type: 'union', patterns: branches }] : branches;
}
