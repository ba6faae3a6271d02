import { endpointsWithBody } from '../support/bodies/json-schema.ts';
import type { WatchedOcp } from '../hostile/watched-ocp.ts';
import { adminKey, startWatched } from '../hostile/watched-ocp.ts';
import type { Outcome } from './connection.ts';
import { Connection } from './connection.ts';
import { fault, signature } from './judge.ts';
import { Random } from './random.ts';
import type { FuzzRequest, Surroundings } from './requests.ts';
import { bytesOf, fuzzRequests } from './requests.ts';

export type Mode = 'none' | 'shared' | 'multi';
export const modes: readonly Mode[] = ['none', 'shared', 'multi'];

export interface FuzzOptions {
  readonly mode: Mode;
  readonly seed: number;
  readonly requests: number;
  /** When to stop however many are left, Unix ms. */
  readonly until: number;
  readonly connections: number;
  /** Told of a request that nobody met in this way before. */
  readonly onNew?: (request: FuzzRequest, signature: string) => void;
  readonly onProgress?: (done: number) => void;
}

export interface FuzzReport {
  readonly mode: Mode;
  readonly requests: number;
  readonly ms: number;
  /** How often each status, and each other end, came. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
  /** The longest that the event loop was held, ms. */
  readonly heldMs: number;
  /** Memory in use after a tenth of the requests and at the end, bytes. */
  readonly memory: readonly [early: number, late: number];
}

/** A request that was not met as it should be; without one, the run as a whole was not. */
export interface Finding {
  readonly what: string;
  readonly request?: FuzzRequest;
}

const sharedKey = 'shared-key-of-the-fuzz-tests';
/** How many findings end a run: more of them tell nothing new. */
const ENOUGH = 20;
/** How much more memory may be in use at the end than after the first requests, bytes: not what the allocator keeps for later. */
const FLAT_BYTES = 40_000_000;

/** An OCP to send requests to, and what they are made from. */
interface Fuzzed extends AsyncDisposable {
  readonly ocp: WatchedOcp;
  readonly surroundings: Surroundings;
}

/** Starts an OCP in this mode, as fuzzing and its corpus need it. */
export async function startFuzzed(mode: Mode): Promise<Fuzzed> {
  const ocp = await startWatched({
    CLAUDE_AUTH_MODE: mode,
    ...(mode === 'shared' ? { PROXY_API_KEY: sharedKey } : {}),
  });
  const { paths } = (await (await fetch(`${ocp.url}/openapi.json`)).json()) as { readonly paths: object };
  const key = mode === 'multi' ? await newKey(ocp) : sharedKey;
  // A wrong key is rare: every one of them waits.
  const usual = Array.from({ length: 400 }, () => [`Authorization: Bearer ${mode === 'none' ? adminKey : key}`]);
  const credentials = [
    ...usual,
    ...Array.from({ length: 100 }, () => [`x-api-key: ${adminKey}`]),
    ...Array.from({ length: 100 }, () => []),
    ['Authorization: Bearer ocp_wrong'],
    [`Authorization: bearer${' '.repeat(500)}x y`],
    ['Authorization: Basic eDp5'],
  ];
  return {
    ocp,
    surroundings: {
      endpoints: await endpointsWithBody(ocp.url),
      addresses: [...Object.keys(paths), '/dashboard', '/dashboard/x', '/', '/nothing'],
      credentials,
      host: new URL(ocp.url).host,
    },
    [Symbol.asyncDispose]: () => ocp[Symbol.asyncDispose](),
  };
}

/** Sends that many requests, each of them changed somewhere, and looks at how they are met. */
export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const { mode, seed, connections, onNew, onProgress } = options;
  await using fuzzed = await startFuzzed(mode);
  const { ocp, surroundings } = fuzzed;
  const startedAt = performance.now();
  const requests = fuzzRequests(new Random(seed), surroundings);
  const outcomes: Record<string, number> = {};
  const findings: Finding[] = [];
  const known = new Set<string>();
  let done = 0;
  let turns = 0;
  let early = 0;
  const usedBefore = await usedWorkers(ocp);

  const work = async (connection: Connection): Promise<void> => {
    while (done < options.requests && Date.now() < options.until && findings.length < ENOUGH) {
      done += 1;
      if (done % 10_000 === 0) onProgress?.(done);
      const { value: request } = requests.next() as { readonly value: FuzzRequest };
      const outcome = await connection.send(bytesOf(request), request.method);
      const name = nameOf(outcome);
      outcomes[name] = (outcomes[name] ?? 0) + 1;
      if (request.isTurn && (outcome.kind !== 'answered' || outcome.status < 300 || request.mayFail)) turns += 1;
      const what = fault(request, outcome);
      if (what !== undefined) findings.push({ what, request });
      const way = signature(request, outcome);
      if (known.has(way)) continue;
      known.add(way);
      onNew?.(request, way);
    }
  };
  const pool = Array.from({ length: connections }, () => new Connection(Number(new URL(ocp.url).port)));
  const watchEarly = async (): Promise<void> => {
    while (done < options.requests / 10 && findings.length < ENOUGH && Date.now() < options.until) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    early = await ocp.memory();
  };
  const seen = await ocp.measure(async () => {
    await Promise.all([...pool.map(work), watchEarly()]);
  });
  for (const connection of pool) connection.close();
  const late = await ocp.memory();
  const used = (await usedWorkers(ocp)) - usedBefore;
  if (used > turns) findings.push({ what: `${used} workers were used for ${turns} requests that asked for one` });
  if (late > early + FLAT_BYTES) findings.push({ what: `memory grew from ${early} to ${late} bytes` });
  findings.push(...seen.faults.map((what) => ({ what })));
  const ms = performance.now() - startedAt;
  return { mode, requests: done, ms, outcomes, findings, heldMs: seen.heldMs, memory: [early, late] };
}

function nameOf(outcome: Outcome): string {
  return outcome.kind === 'answered' ? String(outcome.status) : outcome.kind;
}

/** How many turns had a worker so far. Only who administers OCP is told, and that a server answers this is its sign of life. */
async function usedWorkers(ocp: WatchedOcp): Promise<number> {
  const health = (await (await fetch(`${ocp.url}/health`)).json()) as {
    readonly workers: { readonly origins: Readonly<Record<string, number>> };
  };
  const { retries: _again, ...origins } = health.workers.origins;
  return Object.values(origins).reduce((sum, count) => sum + count, 0);
}

async function newKey(ocp: WatchedOcp): Promise<string> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${adminKey}` };
  const answer = await fetch(`${ocp.url}/api/keys`, { method: 'POST', headers, body: '{"name":"fuzz"}' });
  return ((await answer.json()) as { readonly key: string }).key;
}
