import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiError } from './errors.ts';
import type { Exchange } from './http/exchange.ts';
import { sendError } from './http/exchange.ts';
import { defaultModels } from './http/models.ts';
import { route } from './http/routes.ts';
import type { NewId } from './ids.ts';
import { seededIds } from './ids.ts';
import { RequestLog } from './log.ts';
import type { Plan } from './plan.ts';
import { freshPlan } from './plan.ts';
import { PromptCache } from './prompt/cache.ts';
import { defaultAnswer } from './rules/default.ts';
import type { Rule, Script } from './rules/rule.ts';
import { Rulebook } from './rules/rule.ts';
import type { SimulatorState } from './state.ts';
import type { ThinkingBinding } from './validation/bound-thinking.ts';

const loopback = '127.0.0.1';

export interface SimulatorOptions {
  /** TCP port on 127.0.0.1; 0 or absent = any free one. */
  readonly port?: number;
  /** Rules that come before the default ones. */
  readonly script?: Script;
  /** Milliseconds before the first event of an answer; 0 unless given. */
  readonly firstTokenDelayMs?: number;
  /** Milliseconds before each further token; 0 unless given. */
  readonly tokenDelayMs?: number;
  /** Tokens below which a prefix is not cached; 1024 unless given. */
  readonly minimumCacheTokens?: number;
  /** Tokens that a prompt may have; 200 000 unless given. */
  readonly contextWindow?: number;
  /** What `GET /v1/models` lists. Any `claude-*` is answered besides. */
  readonly models?: readonly string[];
  /** Whether thinking is bound to what stood before it, and what becomes of a block that is not; `off` unless given. */
  readonly thinkingBinding?: ThinkingBinding;
  /** Requests that the log keeps; 10 000 unless given. */
  readonly logLimit?: number;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  readonly newId?: NewId;
  /** Of the identifiers, when `newId` is absent: the same seed, the same identifiers. */
  readonly seed?: number;
}

export interface Simulator {
  /** `http://127.0.0.1:<port>`: what ANTHROPIC_BASE_URL has to be. */
  readonly url: string;
  readonly port: number;
  readonly log: RequestLog;
  /** Sent to callers with a subscription's token; may be replaced at any time. */
  plan: Plan;
  /** May be changed at any time. */
  thinkingBinding: ThinkingBinding;
  /** Replaces the script and starts counting calls anew; the default rules stay behind it. */
  readonly setScript: (script: Script) => void;
  readonly addRule: (rule: Rule) => void;
  /** Stops listening and cuts whatever is still open. */
  readonly close: () => Promise<void>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/**
 * Starts a simulator of the Anthropic Messages API on loopback. It serves until `close`.
 * @throws the system's error when the port is taken.
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const state = initialState(options);
  const server = createServer((request, response) => void serve(state, request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, loopback, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    url: `http://${loopback}:${port}`,
    port,
    log: state.log,
    get plan() {
      return state.plan;
    },
    set plan(plan: Plan) {
      state.plan = plan;
    },
    get thinkingBinding() {
      return state.thinkingBinding;
    },
    set thinkingBinding(binding: ThinkingBinding) {
      state.thinkingBinding = binding;
    },
    setScript: (script) => {
      state.rules.set(script);
      state.calls = 0;
    },
    addRule: (rule) => state.rules.push(rule),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function initialState(options: SimulatorOptions): SimulatorState {
  const now = options.now ?? Date.now;
  return {
    rules: new Rulebook(options.script ?? [], defaultAnswer),
    cache: new PromptCache({ minimumTokens: options.minimumCacheTokens ?? 1_024, now }),
    log: new RequestLog(options.logLimit ?? 10_000),
    models: options.models ?? defaultModels,
    contextWindow: options.contextWindow ?? 200_000,
    firstTokenDelayMs: options.firstTokenDelayMs ?? 0,
    tokenDelayMs: options.tokenDelayMs ?? 0,
    now,
    newId: options.newId ?? seededIds(options.seed ?? 1),
    plan: freshPlan(now()),
    thinkingBinding: options.thinkingBinding ?? 'off',
    calls: 0,
  };
}

async function serve(state: SimulatorState, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const exchange = openExchange(state, request, response);
  try {
    await route(state, exchange);
  } catch (error) {
    if (exchange.signal.aborted) return;
    if (response.headersSent) {
      response.destroy();
      return;
    }
    exchange.log.update({ outcome: 'error' });
    sendError(exchange, error instanceof ApiError ? error : new ApiError(500, `Simulator failed: ${String(error)}`));
  }
}

function openExchange(state: SimulatorState, request: IncomingMessage, response: ServerResponse): Exchange {
  const id = state.newId('req');
  const [path = '/', query = ''] = (request.url ?? '/').split('?', 2);
  const log = state.log.open({
    id,
    at: state.now(),
    method: request.method ?? 'GET',
    path,
    query,
    headers: request.headers,
  });
  const gone = new AbortController();
  response.once('close', () => {
    const { outcome } = log.record;
    const ended = response.writableFinished ? 'completed' : 'client_closed';
    log.update({ outcome: outcome === 'open' ? ended : outcome, endedAt: state.now() });
    gone.abort();
  });
  return { id, request, response, log, signal: gone.signal, headers: { 'request-id': id }, now: state.now };
}
