import { ApiError } from '../errors.ts';
import type { WireObject } from '../json.ts';
import { contentBlocks, isObject, objectsOf } from '../json.ts';
import { countBlockTokens } from './tokens.ts';

export type CacheTtl = '5m' | '1h';

/** One step of a prompt as the cache sees it: tools, then system, then messages, in order. */
export interface PromptBlock {
  /** Exact text of the block and its place (role or section), without `cache_control`. */
  readonly canonical: () => string;
  readonly tokens: number;
  /** Present when this block carries a breakpoint. */
  readonly breakpoint?: CacheTtl;
}

/**
 * A request as the sequence over which prompt caching works.
 * Contract: Anthropic documentation, "Prompt caching": the hierarchy is tools → system → messages, and a change of
 * `tool_choice` or `thinking` invalidates the messages only.
 */
export function promptBlocks(body: WireObject): readonly PromptBlock[] {
  const messageSetup = JSON.stringify([body['tool_choice'] ?? null, body['thinking'] ?? null]);
  const blocks = [
    ...objectsOf(body['tools']).map((tool) => promptBlock('tool', tool)),
    ...contentBlocks(body['system']).map((block) => promptBlock('system', block)),
    ...objectsOf(body['messages']).flatMap((message) =>
      contentBlocks(message['content']).map((block) =>
        promptBlock(`${String(message['role'])} ${messageSetup}`, block),
      ),
    ),
  ];
  const automatic = breakpointOf(body);
  const last = blocks.at(-1);
  return automatic === undefined || last === undefined
    ? blocks
    : [...blocks.slice(0, -1), { ...last, breakpoint: last.breakpoint ?? automatic }];
}

/** How many `cache_control` breakpoints a request sets, wherever they are. */
export function countBreakpoints(body: WireObject): number {
  const blocks = [
    ...objectsOf(body['tools']),
    ...contentBlocks(body['system']),
    ...objectsOf(body['messages']).flatMap((message) => contentBlocks(message['content'])),
  ];
  const marked = [body, ...blocks, ...blocks.flatMap((block) => contentBlocks(block['content']))];
  return marked.filter((block) => isObject(block['cache_control'])).length;
}

function promptBlock(section: string, block: WireObject): PromptBlock {
  const breakpoint =
    breakpointOf(block) ??
    contentBlocks(block['content'])
      .map(breakpointOf)
      .find((ttl) => ttl !== undefined);
  return {
    canonical: () => `${section}\n${withoutCacheControl(block)}`,
    tokens: countBlockTokens(block),
    ...(breakpoint === undefined ? {} : { breakpoint }),
  };
}

function breakpointOf(block: WireObject): CacheTtl | undefined {
  const control = block['cache_control'];
  if (!isObject(control)) return undefined;
  if (control['type'] !== 'ephemeral') throw new ApiError(400, 'cache_control.type: Input should be "ephemeral"');
  return control['ttl'] === '1h' ? '1h' : '5m';
}

/** The JSON of a block; where a breakpoint sits is not part of what is cached. */
function withoutCacheControl(block: WireObject): string {
  const json = JSON.stringify(block);
  // Most blocks have none, and looking at every member costs more than all the rest of a request.
  if (!json.includes('"cache_control"')) return json;
  return JSON.stringify(block, (key, value: unknown) => (key === 'cache_control' ? undefined : value));
}
