import { hostileBodies } from '../support/bodies/hostile.ts';
import type { BodyEndpoint } from '../support/bodies/json-schema.ts';
import { minimal } from '../support/bodies/json-schema.ts';
import { mutated, mutatedBytes } from './mutate.ts';
import type { Random } from './random.ts';
import { templates } from './templates.ts';

/** A request as it goes over the wire. */
export interface FuzzRequest {
  readonly method: string;
  readonly target: string;
  /** Lines without their ends. */
  readonly headers: readonly string[];
  readonly body: Buffer | undefined;
  /** A failure of the CLI was ordered, so that an answer of 502 is right. */
  readonly mayFail: boolean;
  /** Asks the model: a 2xx answer has used a worker. */
  readonly isTurn: boolean;
}

export interface Surroundings {
  readonly endpoints: readonly BodyEndpoint[];
  /** Every address that OCP describes. */
  readonly addresses: readonly string[];
  /** Keys that open something, wrong ones and none. */
  readonly credentials: readonly (readonly string[])[];
  readonly host: string;
}

const turnPaths = new Set(['/v1/chat/completions', '/v1/messages', '/v1/responses']);
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND'];

/** How often a request asks for a model that there is, and so may reach the CLI; which costs some ms each time. */
const ANSWERED = 0.02;
/** How many of the logins that could be tried are. */
const LOGINS = 0.01;
/** How often a body is one of the dear ones. */
const DEAR = 0.002;
const dear = { values: 3000, characters: 60_000, levels: 100 };

/** Makes requests without an end; the same seed makes the same ones. */
export function* fuzzRequests(
  random: Random,
  { endpoints, addresses, credentials, host }: Surroundings,
): Generator<FuzzRequest> {
  const dearBodies = endpoints.map(({ schema }) => [...hostileBodies(schema, dear)]);
  for (;;) {
    const roll = random.next();
    const base = [
      `Host: ${random.chance(0.99) ? host : random.pick(hosts)}`,
      ...random.pick(credentials),
      ...oddHeaders(random),
    ];
    if (roll < 0.15) {
      yield plain(random, addresses, base);
      continue;
    }
    const at = random.below(endpoints.length);
    const endpoint = endpoints[at];
    if (endpoint === undefined) return;
    // A login that fails is answered late, the later the more of them there are.
    if (endpoint.path === '/api/session' && !random.chance(LOGINS)) continue;
    const template = random.pick(templates);
    const isTemplate = roll < 0.75;
    const target = isTemplate ? template.path : endpoint.path;
    let value: unknown = isTemplate ? template.body : minimal(endpoint.schema);
    const changes = random.below(5);
    for (let change = 0; change < changes; change += 1) value = mutated(value, random);
    if (!isTemplate && random.chance(DEAR * 3)) value = random.pick(dearBodies[at] ?? []).make();
    const isAnswered = random.chance(ANSWERED);
    if (!isAnswered) value = withoutModel(value);
    let body: Buffer = Buffer.from(JSON.stringify(value) ?? '');
    if (random.chance(0.03)) body = mutatedBytes(body, random);
    const method = random.chance(0.98) ? (isTemplate ? 'POST' : endpoint.method) : random.pick(methods);
    yield {
      method,
      target: random.chance(0.97) ? target : `${target}${random.pick(endings)}`,
      headers: [...base, random.chance(0.98) ? 'Content-Type: application/json' : random.pick(contentTypes)],
      body,
      mayFail: body.includes('[[fake:'),
      isTurn: turnPaths.has(target),
    };
  }
}

const hosts = ['evil.example', 'localhost', '127.0.0.1:1', '[::1]', 'a'.repeat(2000), 'x y', 'evil.local', ''];
const endings = ['/', '?stream=true', '?a=b&a=c', '%', '%00', '/../models', '?', `?${'a&'.repeat(500)}`, '//', ';x'];
const contentTypes = [
  'Content-Type: text/plain',
  'Content-Type: application/json; charset=utf-16',
  'Content-Type: application/x-www-form-urlencoded',
  `Content-Type: application/json${' '.repeat(2000)};`,
  'Content-Encoding: gzip',
  'X-Nothing: 1',
];
const odd = [
  'Origin: https://evil.example',
  'Origin: null',
  'Sec-Fetch-Site: cross-site',
  'X-Forwarded-For: 1.2.3.4',
  'Cookie: ocp_session=x; ocp_session_3456=y',
  `Cookie: ${'a=b; '.repeat(300)}`,
  'If-None-Match: W/"x", "y"',
  'Last-Event-ID: 1.2',
  'Accept-Encoding: br;q=0, gzip;q=0.5',
  'X-Session-Id: s',
  `X-Conversation-Id: ${'c'.repeat(300)}`,
  'Expect: 100-continue',
  'Accept: text/event-stream',
  'anthropic-beta: a,b',
  'X-Claude-Code-Session-Id: 1',
  'User-Agent: codex_cli_rs/0.1',
  `User-Agent: ${'openai/'.repeat(500)}`,
  'x-ocp-csrf: z',
  'Range: bytes=0-1',
];

function oddHeaders(random: Random): string[] {
  return random.chance(0.1) ? [random.pick(odd)] : [];
}

const queries = [
  'since=2026-01-01',
  'since=x',
  'limit=0',
  'limit=1e9',
  'limit=10',
  'before=1.2',
  'before=-1',
  'format=csv',
  'format=jsonl',
  'key=1',
  'days=7',
  'range=day',
  'include=reasoning.encrypted_content',
  'include[]=a&include[]=b',
  'order=asc',
  'after=x',
  'stream=true',
  'model=%00',
  'level=error',
  '__proto__=1',
  `q=${'x'.repeat(2000)}`,
  '%E0%A4%A',
];

function plain(random: Random, addresses: readonly string[], base: readonly string[]): FuzzRequest {
  const address = random
    .pick(addresses)
    .replaceAll(/\{\w+\}/gu, () => random.pick(['1', 'x', 'resp_1', '%00', 'a'.repeat(300)]));
  const query = Array.from({ length: random.below(3) }, () => random.pick(queries)).join('&');
  const method = random.chance(0.85) ? 'GET' : random.pick(methods);
  const target = `${random.chance(0.97) ? address : `${address}${random.pick(endings)}`}${query === '' ? '' : `?${query}`}`;
  return { method, target, headers: base, body: undefined, mayFail: false, isTurn: false };
}

/** Asks for a model that does not exist where the request names one that does. */
function withoutModel(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const asked = 'model' in value ? value.model : undefined;
  return asked !== undefined && typeof asked !== 'string' ? value : { ...value, model: `no-${asked ?? 'model'}` };
}

/** The bytes of a request; it ends with its body, so that the connection can take another one. */
export function bytesOf({ method, target, headers, body }: FuzzRequest): Buffer {
  const length = body === undefined ? [] : [`Content-Length: ${body.length}`];
  const head = `${[`${method} ${target} HTTP/1.1`, ...headers, ...length].join('\r\n')}\r\n\r\n`;
  return body === undefined ? Buffer.from(head, 'latin1') : Buffer.concat([Buffer.from(head, 'latin1'), body]);
}
