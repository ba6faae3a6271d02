import type { TextBlock } from './content.ts';

/**
 * A system message inside the conversation: it stays in its place, as text that the model knows to come from its
 * surroundings and not from the user. In the system prompt it would change what stands before all messages, and with it the
 * live worker and the prompt cache, each time.
 */
export function surroundings(texts: readonly string[]): TextBlock {
  return { type: 'text', text: `<system-reminder>\n${texts.join('\n\n')}\n</system-reminder>` };
}
