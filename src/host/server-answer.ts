import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';

const health = z.looseObject({ status: z.string(), version: z.string(), uptime: z.number(), authMode: z.string() });

/** What `/health` of a running server says. */
export type ServerHealth = z.infer<typeof health>;

const ANSWER_MS = 3000;
const POLL_MS = 100;

/** Who answers at an address: an OCP, another program, or nobody. */
export type Answerer = { readonly kind: 'ocp'; readonly health: ServerHealth } | { readonly kind: 'other' | 'nobody' };

/** Asks `/health`. Never rejects but for the signal. */
export async function whoAnswers(url: string, signal: AbortSignal): Promise<Answerer> {
  try {
    const response = await fetch(`${url}/health`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
    });
    const parsed = health.safeParse(await response.json().catch(() => undefined));
    return parsed.success ? { kind: 'ocp', health: parsed.data } : { kind: 'other' };
  } catch (error) {
    signal.throwIfAborted();
    return { kind: isRefused(error) ? 'nobody' : 'other' };
  }
}

export interface WaitOptions {
  readonly url: string;
  /** The server must have started within this time, ms: one that ran before is not meant. */
  readonly youngerThan: () => number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Whether there is still something to wait for. */
  readonly isComing: () => Promise<boolean>;
}

/** Waits until the new server answers; undefined when it does not in time, or will not. */
export async function waitForServer(options: WaitOptions): Promise<ServerHealth | undefined> {
  const { url, youngerThan, timeoutMs, signal, isComing } = options;
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await whoAnswers(url, signal);
    if (answer.kind === 'ocp' && answer.health.uptime <= youngerThan()) return answer.health;
    if (performance.now() > deadline || !(await isComing())) return undefined;
    await delay(POLL_MS, undefined, { signal });
  }
}

function isRefused(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED';
}
