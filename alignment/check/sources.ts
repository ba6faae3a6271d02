import type { Row } from '../rows/row.ts';

/**
 * Claims that the published types do not bear out, one line each: a type that is not there, or a member that it and the
 * types around it do not name. `types` is the text of `sdk.d.ts`.
 */
export function sourceProblems(rows: readonly Row[], types: string): readonly string[] {
  return rows.flatMap((row) => {
    if (typeof row.source !== 'object' || !('sdk' in row.source)) return [];
    const { sdk } = row.source;
    if (!new RegExp(`^(?:export )?declare type ${sdk}\\b`, 'mu').test(types))
      return [`there is no published type ${sdk}`];
    return (row.fields ?? [])
      .filter((field) => row.observed?.includes(field) !== true && !isMcp(field))
      .filter((field) => !new RegExp(`(?<![\\w-])${field}(?![\\w-])`, 'u').test(types))
      .map((field) => `the published types know no ${field}, which the row of ${row.name} says they do`);
  });
}

/** What MCP itself describes: https://modelcontextprotocol.io/specification. */
function isMcp(field: string): boolean {
  return mcp.has(field);
}

const mcp = new Set([
  'jsonrpc',
  'method',
  'params',
  '_meta',
  'protocolVersion',
  'capabilities',
  'serverInfo',
  'inputSchema',
  'annotations',
  'readOnlyHint',
  'isError',
  'mimeType',
  'tools/list',
  'tools/call',
  'notifications/initialized',
  'notifications/cancelled',
  'ping',
]);
