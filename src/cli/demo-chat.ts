import { z } from 'zod';

/** What the demo asks for, and whom. */
export interface DemoQuestion {
  /** OCP's address, `http://HOST:PORT`. */
  readonly url: string;
  readonly question: string;
  /** Called with each piece of text when it arrives. */
  readonly onText: (text: string) => void;
  readonly signal: AbortSignal;
}

/** The whole answer. Times are ms from the request. */
export interface DemoAnswer {
  readonly text: string;
  /** How many chunks carried text. */
  readonly pieces: number;
  readonly firstMs: number;
  readonly totalMs: number;
}

/** One piece of a streamed completion, as far as the demo reads it. */
const chunkPart = z.object({
  choices: z.array(
    z.object({ delta: z.object({ content: z.string().nullish() }), finish_reason: z.string().nullish() }),
  ),
});

/**
 * Asks OCP as a client would: a streaming chat completion, through the official package `openai` where it is installed (an
 * installed OCP does not need it), else as a plain request. Raises an error when OCP answers with an error, and when the
 * stream ends before its finish reason.
 */
export async function askDemo({ url, question, onText, signal }: DemoQuestion): Promise<DemoAnswer> {
  const body = { model: 'sonnet', stream: true as const, messages: [{ role: 'user' as const, content: question }] };
  const startedAt = performance.now();
  const pieces: string[] = [];
  let firstMs: number | undefined;
  let finish: string | null | undefined;
  const stream = (await throughPackage(url, body, signal)) ?? plainRequest(url, body, signal);
  for await (const chunk of stream) {
    const [choice] = chunkPart.parse(chunk).choices;
    finish = choice?.finish_reason ?? finish;
    const text = choice?.delta.content ?? '';
    if (text === '') continue;
    firstMs ??= performance.now() - startedAt;
    pieces.push(text);
    onText(text);
  }
  if (finish !== 'stop' || firstMs === undefined) throw new Error('the answer broke off');
  return { text: pieces.join(''), pieces: pieces.length, firstMs, totalMs: performance.now() - startedAt };
}

interface DemoBody {
  readonly model: string;
  readonly stream: true;
  readonly messages: { role: 'user'; content: string }[];
}

/** The chunks of the answer by way of the official package; undefined when it is not installed. */
async function throughPackage(
  url: string,
  body: DemoBody,
  signal: AbortSignal,
): Promise<AsyncIterable<unknown> | undefined> {
  const client = await importClient();
  if (client === undefined) return undefined;
  // Spelled out, since the package would fill what is absent from the environment.
  const openai = new client.OpenAI({
    baseURL: `${url}/v1`,
    apiKey: 'demo',
    organization: null,
    project: null,
    logLevel: 'off',
    maxRetries: 0,
  });
  return openai.chat.completions.create(body, { signal });
}

async function* plainRequest(url: string, body: DemoBody, signal: AbortSignal): AsyncGenerator<unknown, void> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
    signal,
  });
  if (!response.ok || response.body === null) throw new Error(`OCP answered ${response.status}`);
  let rest = '';
  for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('data: {')) yield JSON.parse(line.slice('data: '.length));
  }
}

async function importClient() {
  try {
    return await import('openai');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}
