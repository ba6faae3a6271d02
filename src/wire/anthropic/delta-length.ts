import type { StreamEvent } from './events.ts';

/** Characters (UTF-16 units) of what an event adds to the answer. */
export function deltaLength(event: StreamEvent): number {
  if (event.type !== 'content_block_delta') return 0;
  const { delta } = event;
  switch (delta.type) {
    case 'text_delta':
      return delta.text.length;
    case 'input_json_delta':
      return delta.partial_json.length;
    case 'thinking_delta':
      return delta.thinking.length;
    case 'signature_delta':
      return 0;
  }
}

/** The final count comes only with the end of a message; where that is cut off, it is estimated at four characters a token. */
export function estimatedTokens(units: number, reported: number | undefined): number {
  return Math.max(reported ?? 0, Math.ceil(units / 4));
}
