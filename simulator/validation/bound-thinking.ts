import { hash } from 'node:crypto';
import { ApiError } from '../errors.ts';
import type { WireObject } from '../json.ts';
import { contentBlocks, isObject, objectsOf } from '../json.ts';

/**
 * Whether the signature of a thinking block is bound to all that stood before it: system prompt, tools, and messages.
 * `refuse`: a block that comes back behind something else is a 400. `drop`: it and all later ones are left out without a
 * word. Source: Anthropic documentation, "Preserved thinking: Keeping the prefix unchanged".
 */
export type ThinkingBinding = 'off' | 'refuse' | 'drop';

/** The signature of the thinking in the answer to this request. */
export function boundSignature(body: WireObject): string {
  return signatureOf(setupOf(body), partsOf(objectsOf(body['messages'])));
}

/**
 * Checks the thinking that a request carries. Returns how many blocks the API leaves out.
 * @throws ApiError 400 for a block that is bound to something else, unless such blocks are dropped.
 */
export function checkBoundThinking(body: WireObject, binding: ThinkingBinding): number {
  if (binding === 'off') return 0;
  const isDropped = binding === 'drop' || dropsByItself(body);
  const setup = setupOf(body);
  const before: string[] = [];
  const messages = objectsOf(body['messages']);
  let expected = '';
  let dropped = 0;
  for (const [at, message] of messages.entries()) {
    const isAnswer = message['role'] === 'assistant';
    // The answer to a request is one turn, however many messages it comes back in.
    if (isAnswer && messages[at - 1]?.['role'] !== 'assistant') expected = signatureOf(setup, before);
    for (const [index, block] of contentBlocks(message['content']).entries()) {
      if (!isAnswer || block['type'] !== 'thinking') continue;
      if (dropped === 0 && block['signature'] === expected) continue;
      if (!isDropped) throw mismatch(`messages.${at}.content.${index}`);
      dropped += 1;
    }
    before.push(...partsOf([message]));
  }
  return dropped;
}

function mismatch(place: string): ApiError {
  const problem =
    'Invalid `signature` in `thinking` block. The block is bound to a different conversation. ' +
    'Remove the block, or set `thinking.block_binding.prefix_mismatch_behavior` to "drop_block".';
  const source = 'Preserved thinking: Keeping the prefix unchanged';
  const headers = { 'x-simulator-rule': 'thinking-bound-to-prefix', 'x-simulator-source': source };
  return new ApiError(400, `${place}: ${problem}`, undefined, headers);
}

function dropsByItself({ thinking }: WireObject): boolean {
  const binding = isObject(thinking) ? thinking['block_binding'] : undefined;
  return isObject(binding) && binding['prefix_mismatch_behavior'] === 'drop_block';
}

function setupOf(body: WireObject): string {
  return canonical([contentBlocks(body['system']), objectsOf(body['tools'])]);
}

/** The messages as a sequence of blocks: what of them is in one message does not matter. Thinking itself is not counted. */
function partsOf(messages: readonly WireObject[]): string[] {
  return messages.flatMap(({ role, content }) =>
    contentBlocks(content)
      .filter(({ type }) => type !== 'thinking' && type !== 'redacted_thinking')
      .map((block) => canonical([role, block])),
  );
}

function signatureOf(setup: string, parts: readonly string[]): string {
  return `bound_${hash('sha256', `${setup}\n${parts.join('\n')}`, 'base64url')}`;
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (key, member: unknown) => (key === 'cache_control' ? undefined : member));
}
