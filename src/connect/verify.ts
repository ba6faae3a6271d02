import { z } from 'zod';
import { ConnectError } from './error.ts';
import type { Api } from './api.ts';
import type { Offer } from './offer.ts';
import type { Line } from './server.ts';
import { ask, cleanText, Refusal } from './server.ts';

const question = 'Reply with the single word OK.';
const timeoutMs = 120_000;

interface Wire {
  readonly path: string;
  readonly body: (model: string) => object;
  readonly answer: (body: unknown) => string;
}

const textBlocks = z.array(z.looseObject({ text: z.string().optional() }));

/** A short question in the format of each API, and where its answer stands. */
const wires: Readonly<Record<Api, Wire>> = {
  chat: {
    path: '/v1/chat/completions',
    body: (model) => ({ model, max_tokens: 10, messages: [{ role: 'user', content: question }] }),
    answer: (body) =>
      z.object({ choices: z.array(z.object({ message: z.object({ content: z.string().nullable() }) })) }).parse(body)
        .choices[0]?.message.content ?? '',
  },
  responses: {
    path: '/v1/responses',
    body: (model) => ({ model, max_output_tokens: 16, store: false, input: question }),
    answer: (body) =>
      z
        .object({ output: z.array(z.looseObject({ content: textBlocks.optional() })) })
        .parse(body)
        .output.flatMap(({ content = [] }) => content.map(({ text = '' }) => text))
        .join(''),
  },
  messages: {
    path: '/v1/messages',
    body: (model) => ({ model, max_tokens: 10, messages: [{ role: 'user', content: question }] }),
    answer: (body) =>
      z
        .object({ content: textBlocks })
        .parse(body)
        .content.map(({ text = '' }) => text)
        .join(''),
  },
};

/** What came of asking by one API. */
export interface Verified {
  readonly api: Api;
  readonly ok: boolean;
  /** What the model said, or what went wrong. */
  readonly said: string;
}

/** Asks the small model for a word, as clients of this API do. */
export async function verifyApi(line: Line, { key, small }: Offer, api: Api): Promise<Verified> {
  const { path, body, answer } = wires[api];
  try {
    const said = cleanText(answer(await ask({ ...line, key }, path, timeoutMs, { body: body(small.id) })), 80);
    return said === '' ? { api, ok: false, said: 'the answer is empty' } : { api, ok: true, said };
  } catch (error) {
    if (error instanceof z.ZodError) return { api, ok: false, said: 'the answer is not as the API has it' };
    if (!(error instanceof Refusal || error instanceof ConnectError)) throw error;
    return { api, ok: false, said: error.message };
  }
}
