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

/**
 * Asks OCP as a client would: a streaming chat completion through the official package `openai`. Raises an error when that
 * package is not installed, when OCP answers with an error, and when the stream ends before its finish reason.
 */
export async function askDemo({ url, question, onText, signal }: DemoQuestion): Promise<DemoAnswer> {
  const { OpenAI } = await importClient();
  // Spelled out, since the package would fill what is absent from the environment.
  const client = new OpenAI({
    baseURL: `${url}/v1`,
    apiKey: 'demo',
    organization: null,
    project: null,
    logLevel: 'off',
    maxRetries: 0,
  });
  const startedAt = performance.now();
  const stream = await client.chat.completions.create(
    { model: 'sonnet', stream: true, messages: [{ role: 'user', content: question }] },
    { signal },
  );
  const pieces: string[] = [];
  let firstMs: number | undefined;
  let finish: string | null = null;
  for await (const chunk of stream) {
    const [choice] = chunk.choices;
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

/** OCP itself does not need this package, so an installed OCP may be without it. */
async function importClient() {
  try {
    return await import('openai');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') {
      throw new Error('the package openai is not installed; the demo runs in a checkout of OCP, after npm ci', {
        cause: error,
      });
    }
    throw error;
  }
}
