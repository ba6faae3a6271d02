import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { UpdateError } from './error.ts';

/** What the running server says of itself. */
export interface ServerLook {
  readonly version: string;
  /** Whether it can answer requests with Claude. */
  readonly isWell: boolean;
  /** What is wrong where it is not well. */
  readonly problem: string;
}

/** The server as an update looks at it, from outside. */
export interface ServerProbe {
  readonly url: string;
  /** Undefined when nobody answers. */
  look(): Promise<ServerLook | undefined>;
  /** How many models it lists. Raises UpdateError when it does not. */
  countModels(): Promise<number>;
  /** Asks for a real answer. Raises UpdateError when there is none. */
  tryTurn(): Promise<void>;
}

export interface Verification {
  readonly version: string;
  /** The server has to be well: it was before, or it is not known. */
  readonly well: boolean;
  /** Ask for a real answer, too. */
  readonly turn: boolean;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

const ASK_TIMEOUT_MS = 5000;
const TURN_TIMEOUT_MS = 120_000;
const PAUSE_MS = 200;

const healthSchema = z.looseObject({
  status: z.string(),
  version: z.string(),
  problem: z.string().nullish(),
  auth: z.looseObject({ message: z.string() }).optional(),
});
const listSchema = z.looseObject({ data: z.array(z.unknown()) });

/** The server at this address; `key` opens it where one is needed. */
export function serverProbe(url: string, key: string | undefined): ServerProbe {
  const headers = {
    'content-type': 'application/json',
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
  };
  return {
    url,
    async look() {
      const health = healthSchema.safeParse(await getJson(`${url}/health`, headers)).data;
      if (health === undefined) return undefined;
      const problem = health.problem ?? health.auth?.message ?? health.status;
      return { version: health.version, isWell: health.status === 'ok', problem };
    },
    async countModels() {
      const models = listSchema.safeParse(await getJson(`${url}/v1/models`, headers)).data;
      if (models === undefined) throw new UpdateError('the server does not list its models');
      return models.data.length;
    },
    async tryTurn() {
      const body = { model: 'haiku', max_tokens: 16, messages: [{ role: 'user', content: 'Say OK.' }] };
      const signal = AbortSignal.timeout(TURN_TIMEOUT_MS);
      const reply = await fetch(`${url}/v1/messages`, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
        signal,
      }).catch(() => undefined);
      await reply?.body?.cancel();
      if (reply?.status === 200) return;
      throw new UpdateError(`a real request was answered with ${reply?.status ?? 'nothing'}`);
    },
  };
}

/** Waits until the server answers as that version, well, and with models. Raises UpdateError with what is not so. */
export async function verify(probe: ServerProbe, wanted: Verification): Promise<void> {
  const deadline = performance.now() + wanted.timeoutMs;
  for (;;) {
    wanted.signal.throwIfAborted();
    const wrong = fault(await probe.look(), probe.url, wanted);
    if (wrong === undefined) break;
    if (performance.now() >= deadline) throw new UpdateError(wrong);
    await setTimeout(PAUSE_MS, undefined, { signal: wanted.signal }).catch(() => {});
  }
  if ((await probe.countModels()) === 0) throw new UpdateError('the server lists no models');
  if (wanted.turn) await probe.tryTurn();
}

function fault(look: ServerLook | undefined, url: string, { version, well }: Verification): string | undefined {
  if (look === undefined) return `no server answers on ${url}`;
  if (look.version !== version) return `the server on ${url} is OCP ${look.version}, not ${version}`;
  return well && !look.isWell ? `the server is not well: ${look.problem}` : undefined;
}

async function getJson(url: string, headers: Readonly<Record<string, string>>): Promise<unknown> {
  try {
    const reply = await fetch(url, { headers, signal: AbortSignal.timeout(ASK_TIMEOUT_MS) });
    return reply.ok ? await reply.json() : undefined;
  } catch {
    return undefined;
  }
}
