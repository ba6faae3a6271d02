import { checkedKey, preview } from './address.ts';
import { ConnectError } from './error.ts';
import type { Offer } from './offer.ts';
import { makeOffer } from './offer.ts';
import type { ConnectRequest, ConnectTools } from './request.ts';
import type { Line, ListedModel, ServerHealth } from './server.ts';
import { readHealth, readModels, Refusal } from './server.ts';

/** A server that lets this user in. */
export interface FoundServer {
  readonly line: Line;
  readonly health: ServerHealth;
  readonly offer: Offer;
}

/**
 * Finds the server, and a key for it: the one that was given, the public one that the server offers, none, or one that the
 * user types. Raises ConnectError when the server does not answer or lets nobody in with the key.
 */
export async function findServer(request: ConnectRequest, tools: ConnectTools): Promise<FoundServer> {
  const { say, signal } = tools;
  const open: Line = { url: request.url, signal };
  say(`Server: ${request.url}`);
  const health = await readHealth(open);
  say(`✓ It answers: OCP ${health.version}${health.authMode === undefined ? '' : ` (auth mode ${health.authMode})`}`);
  const { line, models } = await enter(open, request, health, tools);
  const [first, ...others] = models;
  if (first === undefined) throw new ConnectError('The server lists no model for this key');
  const offer = await makeOffer(line, [first, ...others]);
  say(`✓ ${models.length === 1 ? '1 model' : `${models.length} models`}; the default is ${offer.main.id}`);
  return { line, health, offer };
}

interface Entered {
  readonly line: Line;
  readonly models: readonly ListedModel[];
}

async function enter(
  open: Line,
  request: ConnectRequest,
  { anonymousKey }: ServerHealth,
  { say, asker }: ConnectTools,
): Promise<Entered> {
  if (request.key !== undefined) return withKey(open, request.key);
  if (anonymousKey !== undefined) {
    say(`  Using the public key that the server offers to everybody: ${preview(anonymousKey)}`);
    return withKey(open, anonymousKey);
  }
  try {
    return { line: open, models: await readModels(open) };
  } catch (error) {
    if (!isAboutKey(error)) throw asConnectError(error);
  }
  const typed = await asker.secret('The server asks for a key');
  if (typed.trim() === '')
    throw new ConnectError('The server asks for a key: get one from its admin, and give it with --key');
  return withKey(open, typed);
}

async function withKey(open: Line, key: string): Promise<Entered> {
  const line = { ...open, key: checkedKey(key) };
  try {
    return { line, models: await readModels(line) };
  } catch (error) {
    if (isAboutKey(error)) throw new ConnectError(`The server does not let this key in: ${error.message}`);
    throw asConnectError(error);
  }
}

function isAboutKey(error: unknown): error is Refusal {
  return error instanceof Refusal && (error.status === 401 || error.status === 403);
}

function asConnectError(error: unknown): unknown {
  return error instanceof Refusal ? new ConnectError(`The server refuses: ${error.message}`) : error;
}
