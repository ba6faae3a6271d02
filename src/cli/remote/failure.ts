import { z } from 'zod';
import { clean } from '../output/clean.ts';
import { CommandError } from '../command.ts';
import type { ServerLocation } from './locate.ts';

/** The error body of OCP: an object with a message, or plain text as earlier versions sent it. */
const errorBody = z.object({
  error: z.union([
    z.string(),
    z.object({ message: z.string(), code: z.string().nullable().optional(), type: z.string().optional() }),
  ]),
});

/** What a server answered when it refused. */
export interface Refusal {
  readonly status: number;
  readonly retryAfter: string | null;
  /** The body as JSON; undefined when it is none. */
  readonly body: unknown;
}

/** A failure to reach the server at all. */
export class UnreachableError extends CommandError {}

/** A refusal of the server, with its status. */
export class RefusedError extends CommandError {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** A refusal in one line that says what to do. */
export function refusedError({ status, retryAfter, body }: Refusal, server: ServerLocation): RefusedError {
  const parsed = errorBody.safeParse(body);
  const error = parsed.success ? parsed.data.error : undefined;
  const said = clean(typeof error === 'string' ? error : (error?.message ?? ''))
    .slice(0, 500)
    .trim();
  const code = typeof error === 'object' ? (error.code ?? undefined) : undefined;
  return new RefusedError(status, refusalText(status, code, said, retryAfter, server));
}

function refusalText(
  status: number,
  code: string | undefined,
  said: string,
  retryAfter: string | null,
  { url, key, isOwn, home }: ServerLocation,
): string {
  if (said === '') {
    return status === 404 || status === 405
      ? `${url} knows no such request: it is no OCP, or an older one`
      : `${url} answered ${status}, but not as OCP does`;
  }
  switch (code) {
    case 'invalid_api_key':
      return key === undefined
        ? `${url} wants a key: give it with --key, or in OCP_ADMIN_KEY`
        : `${url} does not know the key that was sent; ${isOwn ? `the admin key of this machine is in ${home}/admin-key` : 'give the right one with --key'}`;
    case 'permission_denied':
      return key === undefined
        ? `${url} wants its admin key for this: give it with --key or in OCP_ADMIN_KEY (setup writes it to ${home}/admin-key)`
        : `${url} wants its admin key for this, and the key that was sent is another one`;
    default:
      return retryAfter !== null && /^\d{1,9}$/u.test(retryAfter) ? `${said} (try again in ${retryAfter} s)` : said;
  }
}

/** Why a request got no answer, in one line that says what to do. `timeoutMs` is how long was waited. */
export function unreachableError(error: unknown, { url, isOwn }: ServerLocation, timeoutMs: number): UnreachableError {
  return new UnreachableError(reasonText(codesOf(error), url, isOwn, timeoutMs));
}

function reasonText(codes: readonly string[], url: string, isOwn: boolean, timeoutMs: number): string {
  const has = (...wanted: readonly string[]): boolean => wanted.some((code) => codes.includes(code));
  if (has('ECONNREFUSED')) {
    return isOwn
      ? `no OCP answers at ${url}: start it with ocp start, or name another one with --url`
      : `no OCP answers at ${url}: is it running there, and does it listen on that address (ocp lan on the server tells)?`;
  }
  if (has('TimeoutError', 'ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT')) {
    return `${url} gave no answer within ${Math.round(timeoutMs / 1000)} s`;
  }
  if (has('ENOTFOUND', 'EAI_AGAIN')) return `${url}: there is no machine of this name`;
  if (has('EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN')) return `${url} cannot be reached from this network`;
  const tls = codes.find((code) => /CERT|SELF_SIGNED|SSL|TLS/u.test(code));
  if (tls !== undefined) return `${url}: the connection is not safe or not HTTPS (${tls})`;
  if (has('bad port')) return `${url}: browsers and many other programs refuse this port; choose another one`;
  return `${url} broke off the connection (${codes.at(-1) ?? 'unknown error'})`;
}

/** The names and codes of an error and of its causes. */
function codesOf(error: unknown): string[] {
  const codes: string[] = [];
  for (let each: unknown = error; each instanceof Error; each = each.cause) {
    codes.push(each.name);
    // The one failure of fetch that has a text alone.
    if (each.message === 'bad port') codes.push(each.message);
    if ('code' in each && typeof each.code === 'string') codes.push(each.code);
    if (each instanceof AggregateError) codes.push(...each.errors.flatMap(codesOf));
  }
  return codes;
}
