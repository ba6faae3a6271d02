import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Limits } from '../src/gateway/limits/limits.ts';
import type { KeyLimits } from '../src/store/key-record.ts';
import type { Store } from '../src/store/database.ts';
import { openStore } from '../src/store/database.ts';
import { KeyStore, plainKey } from '../src/store/keys.ts';
import { inTransaction } from '../src/store/transaction.ts';
import { UsageLog } from '../src/store/usage-log.ts';
import { UsageQuery } from '../src/store/usage-query.ts';
import type { UsageRow } from '../src/store/usage-row.ts';
import { HOUR_MS } from '../src/store/usage-row.ts';
import { fakeClaudeBinary, writeScenario } from '../test/support/fake-claude.ts';
import { processCpu } from './support/cpu.ts';
import type { BenchOptions, Section } from './support/report.ts';
import { createSandbox } from './support/sandbox.ts';
import type { ChildServer } from './support/servers.ts';
import { startBareProxy, startOcp, startSimulatorProcess } from './support/servers.ts';
import { median, percentile } from './support/statistics.ts';

const FEW_KEYS = 10;
const MANY_KEYS = 100_000;
const TARGETS = { checkUs: 50, queryMs: 50 };
const MODELS = ['claude-sonnet-5-5', 'claude-opus-5-5', 'claude-haiku-5-5'];
const DAYS = 30;
const CLIENTS = 16;

/** Every limit there is, none of them ever reached. */
const everyLimit: KeyLimits = {
  requests: { daily: 1e9, weekly: 1e9, monthly: 1e9 },
  tokens: { daily: 1e12, weekly: 1e12, monthly: 1e12 },
  usd: { daily: 1e9, weekly: 1e9, monthly: 1e9 },
  requestsPerMinute: 1e6,
  concurrentTurns: 1e6,
};

/** What keys, limits and records cost a request, and what the response cache saves. */
export async function limits({ quick, progress }: BenchOptions): Promise<Section> {
  const rounds = quick ? 20_000 : 100_000;
  const requests = quick ? 100_000 : 1_000_000;
  progress('limits: few keys');
  const few = await withStore((store) => keyCosts(store, FEW_KEYS, rounds));
  progress('limits: many keys');
  const many = await withStore((store) => keyCosts(store, MANY_KEYS, rounds));
  progress('limits: usage');
  const usage = await withStore((store) => usageCosts(store, requests));
  progress('limits: cache hits');
  const hits = await cacheHits(quick ? 3 : 10);
  progress('limits: bare proxy');
  const bare = await bareProxy(quick ? 3 : 10);
  return {
    title: 'Keys, limits, usage and the response cache',
    method:
      `Within one process: ${rounds} look-ups of a key by its text, and as many requests let in and settled under every ` +
      `kind of limit with a month of use behind them, with ${FEW_KEYS} and with ${MANY_KEYS} keys; ${requests} requests ` +
      `of ${DAYS} days, written in batches, then asked for by key and by hour, and listed, median of 20. Over HTTP: one OCP ` +
      `process on one core answers the same request from its cache to ${CLIENTS} clients at once, usage recorded; beside it the simulator, ` +
      'called through a proxy that only passes on. OCP is bound to one core (taskset), whose other users are the clients.',
    columns: ['', `${FEW_KEYS} keys`, `${MANY_KEYS} keys`],
    rows: [
      ['find a key by its text, µs', us(few.find), us(many.find)],
      ['check, reserve and settle, µs', us(few.limit), us(many.limit)],
      [`write one request of ${requests}, µs`, us(usage.write), ''],
      ['usage by key, 30 days, ms', usage.byAccount.toFixed(1), ''],
      ['usage by hour, 30 days, ms', usage.byHour.toFixed(1), ''],
      ['the newest 50 requests of a key, ms', usage.newest.toFixed(1), ''],
      ...loadRows('cache hits', hits),
      ...loadRows('the simulator through a bare proxy', bare),
    ],
    targets: [
      target(
        `finding a key takes at most ${TARGETS.checkUs} µs with ${MANY_KEYS} keys`,
        many.find,
        TARGETS.checkUs,
        'µs',
      ),
      target(
        `checking limits takes at most ${TARGETS.checkUs} µs with ${MANY_KEYS} keys`,
        many.limit,
        TARGETS.checkUs,
        'µs',
      ),
      target(
        `usage of ${requests} requests is read in at most ${TARGETS.queryMs} ms`,
        Math.max(usage.byAccount, usage.byHour, usage.newest),
        TARGETS.queryMs,
        'ms',
      ),
    ],
  };
}

async function withStore<T>(measure: (store: Store) => T): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'ocp-bench-'));
  const store = await openStore(folder);
  try {
    return measure(store);
  } finally {
    store.close();
    rmSync(folder, { recursive: true });
  }
}

/** Microseconds of one look-up of a key, and of one request's way through the limits. */
function keyCosts(store: Store, count: number, rounds: number): { readonly find: number; readonly limit: number } {
  const keys = new KeyStore({ store, now: Date.now, randomBytes, onError: fail });
  const texts = Array.from({ length: count }, (_, index) => `ocp_${String(index).padStart(32, '0')}`);
  const added = keys.prepareImport();
  inTransaction(store.durable, () => {
    for (const [index, text] of texts.entries()) {
      const properties = { ...plainKey, name: `key ${index}` };
      added.write({ text, properties, createdAt: 0, isRevoked: false, importedId: null });
    }
  });
  added.list();
  const find = each(rounds, (round) => {
    if (keys.find(texts[round % count] ?? '') === undefined) throw new Error('a key is not found');
  });
  let now = Date.now() - DAYS * 24 * HOUR_MS;
  const limits = new Limits(() => now);
  const used = { requests: 1, tokens: 1000, usd: 0.01 };
  const owners = texts.map((_, index) => `key:${index}`);
  // A few busy keys with use in every hour, the others with some.
  for (let hour = 0; hour < DAYS * 24; hour += 1) {
    for (const owner of owners.slice(0, FEW_KEYS)) limits.seed(owner, used, now + hour * HOUR_MS);
  }
  for (const owner of owners.slice(FEW_KEYS)) limits.seed(owner, used, now + (DAYS - 1) * 24 * HOUR_MS);
  now = Date.now();
  const limit = each(rounds, (round) => {
    limits.enter(owners[round % count] ?? '', everyLimit, used).settle(used);
  });
  return { find, limit };
}

interface UsageCosts {
  /** µs */
  readonly write: number;
  /** ms */
  readonly byAccount: number;
  readonly byHour: number;
  readonly newest: number;
}

function usageCosts({ quick: database }: Store, requests: number): UsageCosts {
  const log = new UsageLog({ database, onError: fail });
  const query = new UsageQuery(database);
  const to = Math.ceil(Date.now() / HOUR_MS) * HOUR_MS;
  const from = to - DAYS * 24 * HOUR_MS;
  const write = each(requests, (index) => log.add(usageRow(index, from + ((to - from) * index) / requests)), 0);
  log.flush();
  // Not on the hour, so that what the sums do not hold is read too.
  const scope = { from: from + 1, to: to - 1 };
  const timed = (work: () => unknown): number => median(Array.from({ length: 20 }, () => each(1, work, 0) / 1000));
  return {
    write,
    byAccount: timed(() => query.byAccount(scope)),
    byHour: timed(() => query.byHour(scope)),
    newest: timed(() => query.newest({ ...scope, account: 'key:1' }, 50)),
  };
}

function usageRow(index: number, at: number): UsageRow {
  const key = index % 20;
  return {
    at: Math.floor(at),
    account: `key:${key}`,
    caller: `key ${key}`,
    surface: 'openai-chat',
    client: 'opencode',
    modelAsked: 'sonnet',
    modelAnswered: MODELS[index % MODELS.length] ?? null,
    outcome: index % 50 === 0 ? 'timeout' : 'ok',
    promptChars: 5000,
    responseChars: 800,
    inputTokens: 1500,
    outputTokens: 200,
    cacheReadTokens: 9000,
    cacheWriteTokens: 300,
    usd: 0.02,
    firstEventMs: 700,
    durationMs: 5000,
    source: 'live',
    replayed: false,
  };
}

interface Load {
  readonly perSecond: number;
  /** ms */
  readonly p50: number;
  readonly p99: number;
  /** CPU of the server for one request, µs. */
  readonly cpuUs: number;
}

/** Answers from OCP's cache. */
async function cacheHits(seconds: number): Promise<Load> {
  const sandbox = createSandbox();
  writeScenario(sandbox.configDir, { tokens: 50 });
  const ocp = await startOcp(sandbox, { CLAUDE_BIN: fakeClaudeBinary, CLAUDE_CACHE_TTL: '3600000' }, { core: 0 });
  try {
    return await load(ocp, '/v1/chat/completions', { model: 'sonnet' }, seconds);
  } finally {
    await ocp.stop();
    sandbox.remove();
  }
}

/** The simulator's own answers, as long, by way of a proxy that does nothing. */
async function bareProxy(seconds: number): Promise<Load> {
  const sandbox = createSandbox();
  const simulator = await startSimulatorProcess(sandbox);
  const proxy = await startBareProxy(sandbox, simulator.url);
  try {
    return await load(proxy, '/v1/messages', { model: 'claude-sonnet-5-5', max_tokens: 100 }, seconds);
  } finally {
    await proxy.stop();
    await simulator.stop();
    sandbox.remove();
  }
}

/** Sends the same request again and again, from several clients at once. */
async function load(server: ChildServer, path: string, fields: object, seconds: number): Promise<Load> {
  const body = JSON.stringify({ ...fields, messages: [{ role: 'user', content: 'Say it again.' }] });
  const headers = {
    'content-type': 'application/json',
    'x-api-key': 'sk-ant-simulated',
    'anthropic-version': '2023-06-01',
  };
  const ask = async (): Promise<void> => {
    const response = await fetch(`${server.url}${path}`, { method: 'POST', headers, body });
    const text = await response.text();
    if (response.status !== 200) throw new Error(text);
  };
  for (let count = 0; count < 500; count += 1) await ask();
  const times: number[] = [];
  const before = processCpu(server.pid);
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      while (performance.now() - startedAt < seconds * 1000) {
        const sentAt = performance.now();
        await ask();
        times.push(performance.now() - sentAt);
      }
    }),
  );
  const took = (performance.now() - startedAt) / 1000;
  return {
    perSecond: times.length / took,
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
    cpuUs: ((processCpu(server.pid) - before) / times.length) * 1e6,
  };
}

function loadRows(name: string, { perSecond, p50, p99, cpuUs }: Load): readonly (readonly string[])[] {
  return [
    [`${name}, a second`, perSecond.toFixed(0), ''],
    ['… p50 / p99, ms', `${p50.toFixed(1)} / ${p99.toFixed(1)}`, ''],
    ['… CPU of the server for one, µs', us(cpuUs), ''],
  ];
}

/** Microseconds of one round, the mean after a warm-up. */
function each(rounds: number, work: (round: number) => unknown, warmUp = 2000): number {
  for (let round = 0; round < warmUp; round += 1) work(round);
  const startedAt = performance.now();
  for (let round = 0; round < rounds; round += 1) work(round);
  return ((performance.now() - startedAt) * 1000) / rounds;
}

function us(value: number): string {
  return value.toFixed(1);
}

function target(text: string, found: number, limit: number, unit: string): Section['targets'][number] {
  return { text, found: `${found.toFixed(1)} ${unit}`, met: found <= limit };
}

function fail(error: unknown): never {
  throw error;
}
