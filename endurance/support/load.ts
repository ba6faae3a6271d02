import type { ServeProcess } from '../../test/support/serve-process.ts';
import type { Random } from './random.ts';
import type { Scope } from './scope.ts';

/** How requests ended, as their clients saw it. */
export interface Tally {
  sent: number;
  /** Whole answers. */
  whole: number;
  /** Refused, or cut off, with an error in the shape of the surface: by code. */
  readonly errors: Record<string, number>;
  /** The connection broke without a word, as it does when the server is killed. */
  broken: number;
  /** Hung up by the client itself. */
  hungUp: number;
  /** What no client should see: no end in time, or an answer that is neither whole nor an error. */
  readonly wrong: string[];
}

export function newTally(): Tally {
  return { sent: 0, whole: 0, errors: {}, broken: 0, hungUp: 0, wrong: [] };
}

/** Longest that a request may take, ms: beyond it, it hangs. */
const HANGS_AFTER_MS = 60_000;

export interface LoadOptions {
  readonly scope: Scope;
  readonly ocp: Pick<ServeProcess, 'url'>;
  readonly key: string;
  readonly clients: number;
  readonly random: Random;
  readonly tally: Tally;
  /** One request in so many is hung up in the middle; never unless given. */
  readonly hangUpEvery?: number;
  /** Between two requests of a client, ms. */
  readonly pauseMs?: number;
}

export interface Load {
  /** Lets every client finish its request. */
  stop(): Promise<void>;
}

/** Clients that ask one thing after another: streams and whole answers, short conversations and single questions. */
export function startLoad(options: LoadOptions): Load {
  const over = new AbortController();
  const running = Array.from({ length: options.clients }, async (_, name) => {
    const history: { role: string; content: string }[] = [];
    for (let turn = 0; !over.signal.aborted; turn += 1) {
      if (history.length > 6 || options.random.whole(3) === 0) history.length = 0;
      history.push({ role: 'user', content: `client ${name}, turn ${turn}` });
      const answer = await request(options, history);
      if (answer === undefined) history.length = 0;
      else history.push({ role: 'assistant', content: answer });
      await new Promise((resolve) => setTimeout(resolve, options.pauseMs ?? 5));
    }
  });
  const stop = async (): Promise<void> => {
    over.abort();
    await Promise.all(running);
  };
  // Also when an invariant fails before.
  options.scope.after(() => over.abort());
  return { stop };
}

/** Resolves to the answer; undefined when there is none that is whole. */
export async function request(
  { ocp, key, random, tally, hangUpEvery }: Pick<LoadOptions, 'ocp' | 'key' | 'random' | 'tally' | 'hangUpEvery'>,
  messages: readonly object[],
): Promise<string | undefined> {
  const isStreamed = random.whole(2) === 0;
  const hangUp = new AbortController();
  const deadline = AbortSignal.timeout(HANGS_AFTER_MS);
  const willHangUp = hangUpEvery !== undefined && random.whole(hangUpEvery) === 0;
  const timer = willHangUp ? setTimeout(() => hangUp.abort(), random.whole(30)) : undefined;
  tally.sent += 1;
  try {
    const response = await fetch(`${ocp.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ model: 'sonnet', stream: isStreamed, messages }),
      signal: AbortSignal.any([hangUp.signal, deadline]),
    });
    const text = await response.text();
    const answer = isStreamed && response.status === 200 ? fromStream(text) : fromWhole(text);
    if ('error' in answer) tally.errors[answer.error] = (tally.errors[answer.error] ?? 0) + 1;
    else if ('said' in answer) {
      tally.whole += 1;
      return answer.said;
    } else tally.wrong.push(`${response.status}: ${text.slice(-200)}`);
  } catch (error) {
    if (deadline.aborted) tally.wrong.push('no end in time');
    else if (hangUp.signal.aborted) tally.hungUp += 1;
    else if (error instanceof TypeError) tally.broken += 1;
    else tally.wrong.push(String(error));
  } finally {
    clearTimeout(timer);
  }
  return undefined;
}

type Answer = { readonly said: string } | { readonly error: string } | { readonly neither: true };

function fromWhole(text: string): Answer {
  try {
    const body = JSON.parse(text) as {
      readonly choices?: readonly { readonly message: { readonly content: string } }[];
      readonly error?: { readonly code: string };
    };
    if (body.error !== undefined) return { error: body.error.code };
    const said = body.choices?.[0]?.message.content;
    return said === undefined ? { neither: true } : { said };
  } catch {
    return { neither: true };
  }
}

function fromStream(text: string): Answer {
  let said = '';
  for (const frame of text.split('\n\n').filter((line) => line.startsWith('data: '))) {
    const data = frame.slice('data: '.length);
    if (data === '[DONE]') return { said };
    const event = JSON.parse(data) as {
      readonly choices?: readonly { readonly delta: { readonly content?: string | null } }[];
      readonly error?: { readonly code: string };
    };
    if (event.error !== undefined) return { error: event.error.code };
    said += event.choices?.[0]?.delta.content ?? '';
  }
  return { neither: true };
}
