import { z } from 'zod';
import { ConnectError } from './error.ts';

/** What `/health` says of a server. */
export interface ServerHealth {
  readonly version: string;
  readonly authMode: string | undefined;
  readonly anonymousKey: string | undefined;
}

/** A model as the server lists it. */
export interface ListedModel {
  readonly id: string;
  readonly name: string;
  /** In tokens; undefined where the server does not say. */
  readonly contextWindow: number | undefined;
  readonly maxOutputTokens: number | undefined;
}

/** An answer that the server refused: its status and what it says. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** How to reach a server. */
export interface Line {
  /** Without `/v1`. */
  readonly url: string;
  readonly key?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Text of a server, which may be anybody's, as it may be shown and written: on one line, without control characters. */
export function cleanText(text: string, most = 200): string {
  return text
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, most);
}

const cleaned = z.string().transform((text) => cleanText(text));

const health = z.object({
  version: cleaned.default('unknown'),
  authMode: cleaned.optional(),
  anonymousKey: z.string().nullable().optional(),
});

const model = z.object({
  id: z.string().regex(/^[\w.:@/-]{1,200}$/u),
  display_name: cleaned.optional(),
  max_input_tokens: z.number().int().positive().nullable().optional(),
  max_tokens: z.number().int().positive().nullable().optional(),
});

const failure = z.object({ error: z.object({ message: cleaned }) });

/** Asks a server for its health. Raises ConnectError when nobody answers there, or somebody else does. */
export async function readHealth(line: Line): Promise<ServerHealth> {
  const { url } = line;
  const body = await ask(line, '/health', 10_000).catch((error: unknown) => {
    if (error instanceof Refusal) throw new ConnectError(`${url} answers, but not as OCP does: ${error.message}`);
    throw error;
  });
  const parsed = health.safeParse(body);
  if (!parsed.success) throw new ConnectError(`${url} answers, but not as OCP does`);
  const { version, authMode, anonymousKey } = parsed.data;
  return { version, authMode, anonymousKey: anonymousKey ?? undefined };
}

/** The models that the key may use. Raises Refusal, and ConnectError when nobody answers. */
export async function readModels(line: Line): Promise<readonly ListedModel[]> {
  const parsed = z.object({ data: z.array(model) }).safeParse(await ask(line, '/v1/models', 15_000));
  if (!parsed.success) throw new ConnectError(`${line.url}/v1/models does not answer as OCP does`);
  return parsed.data.data.map(toListed);
}

/** What a name such as `haiku` stands for on this server; undefined where it knows none. */
export async function findModel(line: Line, name: string): Promise<string | undefined> {
  try {
    const parsed = model.safeParse(await ask(line, `/v1/models/${encodeURIComponent(name)}`, 15_000));
    return parsed.success ? parsed.data.id : undefined;
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

function toListed({ id, display_name: name, max_input_tokens: context, max_tokens: output }: z.infer<typeof model>) {
  return { id, name: name ?? id, contextWindow: context ?? undefined, maxOutputTokens: output ?? undefined };
}

/** One request; gives the body of the answer. Raises Refusal for any other status than 2xx, ConnectError when there is no answer. */
export async function ask(
  { url, key, signal }: Line,
  path: string,
  timeoutMs: number,
  post?: { readonly body: unknown; readonly headers?: Readonly<Record<string, string>> },
): Promise<unknown> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const headers = {
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    ...(post === undefined ? {} : { 'content-type': 'application/json', ...post.headers }),
  };
  let status: number;
  let text: string;
  try {
    const response = await fetch(`${url}${path}`, {
      method: post === undefined ? 'GET' : 'POST',
      headers,
      redirect: 'error',
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      ...(post === undefined ? {} : { body: JSON.stringify(post.body) }),
    });
    status = response.status;
    text = await response.text();
  } catch (error) {
    signal?.throwIfAborted();
    throw new ConnectError(`${url} does not answer (${reasonOf(error, timeout.aborted)})`);
  }
  const body = parse(text);
  if (status >= 200 && status < 300) return body;
  const said = failure.safeParse(body);
  throw new Refusal(status, said.success ? said.data.error.message : `it answers ${status}`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown, timedOut: boolean): string {
  if (timedOut) return 'no answer in time';
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  const reasons: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'nothing listens there',
    ENOTFOUND: 'no machine has this name',
    EAI_AGAIN: 'the name cannot be looked up',
    EHOSTUNREACH: 'the machine cannot be reached',
    ENETUNREACH: 'the network cannot be reached',
  };
  return code === undefined ? 'the connection failed' : (reasons[code] ?? code);
}
