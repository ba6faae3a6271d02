import { z } from 'zod';

/** The cheapest model answers; it is the way that is tried. */
const MODEL = 'haiku';
const ANSWER_MS = 120_000;

const completion = z.object({
  choices: z.tuple([z.object({ message: z.object({ content: z.string().nullable() }) })]).rest(z.unknown()),
});
const failure = z.object({ error: z.object({ message: z.string() }) });

/** What a real request through the running server came to. */
export type Proof =
  | { readonly ok: true; readonly text: string; readonly ms: number }
  | { readonly ok: false; readonly reason: string };

/** Asks Claude for one word through the server. Never rejects but for the signal. */
export async function proveIt(url: string, adminKey: string, signal: AbortSignal): Promise<Proof> {
  const began = performance.now();
  try {
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${adminKey}` },
      body: JSON.stringify({
        model: MODEL,
        max_tokens: 50,
        messages: [{ role: 'user', content: 'Answer with the one word OK.' }],
      }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
    });
    const body: unknown = await response.json();
    const answer = completion.safeParse(body);
    if (response.ok && answer.success) {
      const text = (answer.data.choices[0].message.content ?? '').trim().split('\n')[0]?.slice(0, 60) ?? '';
      return { ok: true, text, ms: Math.round(performance.now() - began) };
    }
    const refused = failure.safeParse(body);
    return {
      ok: false,
      reason: refused.success ? refused.data.error.message : `the server answered ${response.status}`,
    };
  } catch (error) {
    signal.throwIfAborted();
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}
