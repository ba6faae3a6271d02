import { z } from 'zod';

const count = z.number();
const sums = { input_tokens: count, output_tokens: count, usd: count };

/** What commands use of `GET /api/usage`. */
export const usageAnswer = z.object({
  byKey: z.array(
    z.object({
      key_name: z.string(),
      requests: count,
      successes: count,
      errors: count,
      avg_elapsed_ms: count,
      avg_first_token_ms: count.nullable(),
      last_request: z.string(),
      ...sums,
    }),
  ),
  timeline: z.array(z.object({ hour: z.string(), requests: count, successes: count, avg_elapsed_ms: count, ...sums })),
  recent: z.array(
    z.object({
      created_at: z.string(),
      key_name: z.string(),
      model: z.string(),
      client: z.string(),
      outcome: z.string(),
      success: count,
      elapsed_ms: count,
      first_token_ms: count.nullable(),
      source: z.string().nullable(),
      ...sums,
    }),
  ),
  scope: z.object({ self: z.string().nullable(), all: z.boolean() }),
});

export type Usage = z.output<typeof usageAnswer>;
