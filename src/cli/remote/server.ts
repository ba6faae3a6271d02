import type { z } from 'zod';
import type { CommandContext, CommandIo } from '../command.ts';
import { CommandError } from '../command.ts';
import { clean } from '../output/clean.ts';
import { withSpinner } from '../output/spinner.ts';
import { refusedError, unreachableError } from './failure.ts';
import type { ServerLocation } from './locate.ts';
import { locateServer } from './locate.ts';
import type { RemoteValues } from './options.ts';

/** How long a server may take to begin its answer, ms: it may have to ask the CLI first. */
const ANSWER_MS = 45_000;

export interface AskOptions {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Statuses besides those of success that are answers too. */
  readonly accept?: readonly number[];
  /** How long the answer may take to begin, ms. */
  readonly timeoutMs?: number;
}

/** An answer of the server. */
export interface Answer<T> {
  readonly status: number;
  /** What the command uses of it, checked. */
  readonly data: T;
  /** All of it, for `--json`. */
  readonly body: unknown;
}

/** The running server that a command asks. Every failure is a CommandError of one line. */
export interface Remote extends ServerLocation {
  /** Asks for JSON and checks it. Raises RefusedError, UnreachableError, CommandError. */
  ask<S extends z.ZodType>(path: string, schema: S, options?: AskOptions): Promise<Answer<z.output<S>>>;
  /** Asks, and gives the answer as it comes; the body is the caller's. Raises RefusedError, UnreachableError. */
  open(path: string, options?: AskOptions): Promise<Response>;
}

/** The server that the options, the environment or setup name. Raises UsageError, ConfigError; nothing is sent yet. */
export function remoteServer(values: RemoteValues, { env, io }: Pick<CommandContext, 'env' | 'io'>): Remote {
  return remoteAt(locateServer(values, env, io.stderr), io);
}

/** A server whose place is known. On a terminal, whoever waits long sees that something goes on. */
export function remoteAt(location: ServerLocation, io: Pick<CommandIo, 'signal' | 'write' | 'terminal'>): Remote {
  const { signal } = io;
  const open = async (path: string, options: AskOptions = {}): Promise<Response> => {
    const { timeoutMs = ANSWER_MS, accept = [] } = options;
    const response = await request(location, path, options, signal, timeoutMs);
    if (response.ok || accept.includes(response.status)) return response;
    throw refusedError(
      {
        status: response.status,
        retryAfter: response.headers.get('retry-after'),
        body: await jsonOf(response).catch(() => undefined),
      },
      location,
    );
  };
  const bodyOf = async (response: Response): Promise<unknown> =>
    jsonOf(response).catch((error: unknown) => {
      signal.throwIfAborted();
      throw error instanceof SyntaxError ? notOcp(location) : unreachableError(error, location, ANSWER_MS);
    });
  return {
    ...location,
    open,
    async ask(path, schema, options) {
      const { response, body } = await withSpinner(io, `waiting for ${location.url}`, async () => {
        const opened = await open(path, options);
        return { response: opened, body: await bodyOf(opened) };
      });
      const parsed = schema.safeParse(body);
      if (parsed.success) return { status: response.status, data: parsed.data, body };
      const at = parsed.error.issues[0]?.path.map(String).join('.') ?? '';
      throw new CommandError(
        `${location.url} answered in another form than this ocp knows${at === '' ? '' : ` (${clean(at)})`}: is it another version?`,
      );
    },
  };
}

async function request(
  location: ServerLocation,
  path: string,
  { method = 'GET', body }: AskOptions,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<Response> {
  signal.throwIfAborted();
  // Only the beginning of the answer is bounded: an export may take as long as it takes.
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new DOMException('no answer', 'TimeoutError')), timeoutMs);
  try {
    const response = await fetch(`${location.url}${path}`, {
      method,
      headers: {
        ...(location.key === undefined ? {} : { authorization: `Bearer ${location.key}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        'user-agent': 'ocp-cli',
      },
      body: body === undefined ? null : JSON.stringify(body),
      // The key is for this server and no other.
      redirect: 'manual',
      signal: AbortSignal.any([signal, late.signal]),
    });
    if (response.status >= 300 && response.status < 400) throw notOcp(location);
    return response;
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof CommandError ? error : unreachableError(error, location, timeoutMs);
  } finally {
    clearTimeout(timer);
  }
}

function notOcp({ url }: ServerLocation): CommandError {
  return new CommandError(`${url} answers, but not as OCP does: another program may listen there`);
}

async function jsonOf(response: Response): Promise<unknown> {
  return JSON.parse(await response.text()) as unknown;
}
