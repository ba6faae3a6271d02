/**
 * How a tool call is named towards OpenAI clients, and how that name is read when it comes back.
 *
 * Anthropic's ids look like `toolu_01AbC`. Some clients strip every character but letters and digits from an id before
 * they send it back, so what we give out has nothing else in it; and the way back restores the very id of the model, so
 * that a replayed history is byte for byte the one that Anthropic's prompt cache knows.
 */
const issued = /^calltoolu(bdrk|vrtx)?([A-Za-z0-9]+)$/;
const accepted = /^[A-Za-z0-9_-]+$/;

/** The `call_id` of a `tool_use` block: `call` and the letters and digits of the block's id. */
export function callIdOf(toolUseId: string): string {
  return `call${toolUseId.replaceAll(/[^A-Za-z0-9]/g, '')}`;
}

/** The `tool_use` id of a client's call id: ours is turned back, a foreign one is kept as far as Anthropic takes it. */
export function toolUseIdOf(callId: string): string {
  const match = issued.exec(callId);
  if (match !== null) return ['toolu', match[1], match[2]].filter((part) => part !== undefined).join('_');
  if (accepted.test(callId)) return callId;
  return callId.replaceAll(/[^A-Za-z0-9_-]/g, '_') || 'call';
}
