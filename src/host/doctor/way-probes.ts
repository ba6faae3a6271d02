import { request } from 'node:http';
import { connect } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { z } from 'zod';
import type { Config } from '../../config/config.ts';
import { isLoopbackAddress } from '../../config/loopback.ts';
import type { HostAnswer, TurnOutcome } from './machine-bench.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const ANSWER_MS = 5000;
const CONNECT_MS = 4000;
const TURN_MS = 120_000;
const FORBIDDEN = 403;

/** Names and addresses by which a server with this configuration should be called from elsewhere. */
export function hostsOf(config: Pick<Config, 'bind' | 'allowedHosts'>): readonly string[] {
  const listed = config.allowedHosts.map((host) => host.replace(/:\d+$/u, ''));
  if (isLoopbackAddress(config.bind)) return [...new Set(['localhost', ...listed])];
  const addresses = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);
  return [...new Set([hostname(), ...addresses, ...listed])];
}

/** Asks the server under each of the names, over the address at which it answers. */
export async function askHosts(url: string, hosts: readonly string[]): Promise<readonly HostAnswer[]> {
  return Promise.all(hosts.map(async (host) => ({ host, isAccepted: (await statusAs(url, host)) !== FORBIDDEN })));
}

async function statusAs(url: string, host: string): Promise<number | undefined> {
  const { port } = new URL(url);
  return new Promise((resolve) => {
    const options = { headers: { host: `${host}:${port}` }, timeout: ANSWER_MS, agent: false };
    const call = request(`${url}/health`, options, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    call.once('error', () => resolve(undefined));
    call.once('timeout', () => call.destroy());
    call.end();
  });
}

const reply = z.looseObject({
  model: z.string().optional(),
  error: z.looseObject({ message: z.string(), code: z.string().nullish(), type: z.string().nullish() }).optional(),
});

/** One small question to the running server, as a client asks it. */
export async function askTurn(url: string, key: string | undefined, signal: AbortSignal): Promise<TurnOutcome> {
  const began = performance.now();
  try {
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) },
      body: JSON.stringify({ messages: [{ role: 'user', content: 'Reply with the word: ready' }], max_tokens: 16 }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(TURN_MS)]),
    });
    const { model, error } = reply.catch({}).parse(await response.json().catch(() => ({})));
    if (response.ok) return { kind: 'answered', model: model ?? 'Claude', ms: performance.now() - began };
    const message = error?.message ?? 'no reason was given';
    return { kind: 'refused', status: response.status, code: error?.code ?? error?.type ?? '', message };
  } catch (error) {
    signal.throwIfAborted();
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return { kind: 'silent', reason: cause instanceof Error ? cause.message : String(cause) };
  }
}

/** Other ways to Claude than Anthropic's own API, which the CLI is told of by these variables. */
const elsewhere = ['CLAUDE_CODE_USE_BEDROCK', 'CLAUDE_CODE_USE_VERTEX', 'CLAUDE_CODE_USE_FOUNDRY'];

/** Opens a connection to where the CLI's requests go first, and closes it. Undefined where that cannot be known. */
export async function tryUpstream(
  { claudeEnv }: Pick<Config, 'claudeEnv'>,
  env: Environment,
): Promise<{ readonly address: string; readonly problem: string | undefined } | undefined> {
  const passed = (name: string): string | undefined => (claudeEnv.includes(name) ? env[name] : undefined);
  if (elsewhere.some((name) => (passed(name) ?? '') !== '')) return undefined;
  const target = URL.parse(passed('ANTHROPIC_BASE_URL') ?? 'https://api.anthropic.com');
  if (target === null) return undefined;
  const isDirect = isLoopbackAddress(target.hostname) || target.hostname === 'localhost';
  const named = isDirect
    ? undefined
    : (env['HTTPS_PROXY'] ?? env['https_proxy'] ?? env['ALL_PROXY'] ?? env['all_proxy']);
  const proxy = named === undefined || named === '' ? null : URL.parse(named);
  const url = proxy ?? target;
  const port = Number(url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port);
  const address = proxy === null ? url.host : `the proxy ${url.host}`;
  return { address, problem: await tryConnect(url.hostname.replace(/^\[(.*)\]$/u, '$1'), port) };
}

async function tryConnect(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (problem: string | undefined): void => {
      socket.destroy();
      resolve(problem);
    };
    socket.setTimeout(CONNECT_MS, () => end(`no answer within ${CONNECT_MS / 1000} s`));
    socket.once('connect', () => end(undefined));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
}
