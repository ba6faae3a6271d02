import { z } from 'zod';
import type { Thinking, ThinkingDisplay } from './thinking.ts';

/** Which the CLI decides by itself. */
const block_binding = z.unknown().optional();
/** Newer clients ask for further kinds, under a beta that the CLI does not send; {@link isKnownDisplay} tells which are kept. */
const display = z.string().max(64).nullish();

export function isKnownDisplay(display: unknown): display is ThinkingDisplay {
  return display === 'summarized' || display === 'omitted';
}

/** `thinking` as clients send it. Contract: Anthropic API reference, Messages, `thinking`. */
export const thinkingSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('enabled'), budget_tokens: z.int().min(1024), display, block_binding }),
  z.object({ type: z.literal('adaptive'), display, block_binding }),
  z.object({ type: z.literal('disabled') }),
  z.object({ type: z.literal('between_tools') }),
]);

/** As the API takes it: without what a client wrote as null, and without what it wrote beside. */
export function thinkingOf(wire: z.output<typeof thinkingSchema>): Thinking {
  const display = 'display' in wire && isKnownDisplay(wire.display) ? { display: wire.display } : {};
  switch (wire.type) {
    case 'enabled':
      return { type: wire.type, budget_tokens: wire.budget_tokens, ...display };
    case 'adaptive':
      return { type: wire.type, ...display };
    case 'disabled':
    case 'between_tools':
      return { type: wire.type };
  }
}
