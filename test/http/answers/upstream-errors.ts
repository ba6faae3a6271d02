import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import type { Answer, RequestRecord } from '../../../simulator/index.ts';
import { errorAnswer, promptTooLongAnswer } from '../../../simulator/index.ts';
import type { Ocp } from '../../support/ocp.ts';
import { sharedOcp } from '../../support/shared-ocp.ts';
import { errorOf, post, question, readSse, script, within } from '../chat-support.ts';

/** At once, with room for a busy machine: left alone, the CLI goes on for 180 s. That nothing was repeated shows in the calls. */
const QUICK_MS = 30_000;
/** After the few seconds in which a passing failure may be repeated, with the same room. */
const BOUNDED_MS = 60_000;

interface Failure {
  readonly name: string;
  readonly reply: Answer;
  readonly status: number;
  readonly code: string;
  readonly type: string;
  readonly message: RegExp;
  /** Lowest and highest `Retry-After`, s; absent when the header must be. */
  readonly retryAfter?: readonly [number, number];
  readonly maxCalls: number;
  readonly maxMs: number;
}

const failures: readonly Failure[] = [
  {
    name: 'a refused login',
    reply: errorAnswer(401),
    status: 401,
    code: 'not_logged_in',
    type: 'authentication_error',
    message: /claude auth login/u,
    maxCalls: 1,
    maxMs: QUICK_MS,
  },
  {
    name: 'a forbidden request',
    reply: errorAnswer(403),
    status: 403,
    code: 'permission_denied',
    type: 'permission_error',
    message: /does not allow/u,
    maxCalls: 1,
    maxMs: QUICK_MS,
  },
  {
    name: 'a model that the login does not have',
    reply: errorAnswer(404),
    status: 404,
    code: 'model_not_found',
    type: 'invalid_request_error',
    message: /model/u,
    maxCalls: 2,
    maxMs: QUICK_MS,
  },
  {
    name: 'an invalid request',
    reply: errorAnswer(400, { message: 'messages.0: CANARY-REASON' }),
    status: 400,
    code: 'content_rejected',
    type: 'invalid_request_error',
    message: /^messages\.0: CANARY-REASON$/u,
    maxCalls: 6,
    maxMs: QUICK_MS,
  },
  {
    name: 'a prompt over the window',
    reply: promptTooLongAnswer(1_200_000, 1_000_000),
    status: 400,
    code: 'context_length_exceeded',
    type: 'invalid_request_error',
    message: /^prompt is too long: \d+ tokens > \d+ maximum$/u,
    maxCalls: 1,
    maxMs: QUICK_MS,
  },
  {
    name: 'a rate limit that names no time',
    reply: errorAnswer(429),
    status: 429,
    code: 'rate_limit_exceeded',
    type: 'rate_limit_error',
    message: /rate/u,
    retryAfter: [1, 5],
    maxCalls: 1,
    maxMs: QUICK_MS,
  },
  {
    name: 'a rate limit with a time',
    reply: errorAnswer(429, { retryAfterSeconds: 37 }),
    status: 429,
    code: 'rate_limit_exceeded',
    type: 'rate_limit_error',
    message: /rate/u,
    // The CLI adds up to a quarter.
    retryAfter: [37, 46],
    maxCalls: 1,
    maxMs: QUICK_MS,
  },
  {
    name: 'a fault of the API',
    reply: errorAnswer(500),
    status: 502,
    code: 'upstream_error',
    type: 'server_error',
    message: /500/u,
    retryAfter: [1, 10],
    maxCalls: 5,
    maxMs: BOUNDED_MS,
  },
  {
    name: 'an overloaded API',
    reply: errorAnswer(529),
    status: 503,
    code: 'overloaded',
    type: 'overloaded_error',
    message: /overloaded/u,
    retryAfter: [1, 10],
    maxCalls: 5,
    maxMs: BOUNDED_MS,
  },
  {
    name: 'a connection that is cut before its headers',
    reply: { kind: 'hang_up' },
    status: 502,
    code: 'upstream_error',
    type: 'server_error',
    message: /connection/u,
    retryAfter: [1, 10],
    maxCalls: 5,
    maxMs: BOUNDED_MS,
  },
];

suite('failures of the API before the first word', () => {
  let ocp: Ocp;

  before(async () => {
    ocp = await sharedOcp();
    script(ocp, ...failures.map(({ name, reply }) => ({ when: { text: name }, reply })));
  });

  for (const failure of failures) {
    // A whole answer and a stream share the way up to here; the slow ones, which wait for the CLI's own repeats, are asked once.
    for (const stream of failure.maxMs > QUICK_MS ? [true] : [false, true]) {
      test(`${failure.name}: ${failure.status}, ${stream ? 'streamed' : 'whole'}`, async (t) => {
        const text = asked(failure.name, stream);
        const startedAt = performance.now();
        const response = await post(ocp, question(text, { stream }));
        const error = await errorOf(response);
        within(t, startedAt, failure.maxMs);
        assert.deepEqual([response.status, error.code, error.type], [failure.status, failure.code, failure.type]);
        assert.match(response.headers.get('content-type') ?? '', /^application\/json/u);
        assert.match(error.message, failure.message);
        assert.doesNotMatch(error.message, /\/tmp|\/root|\/home|API Error/u);
        const retryAfter = response.headers.get('retry-after');
        if (failure.retryAfter === undefined) assert.equal(retryAfter, null);
        else {
          const [least, most] = failure.retryAfter;
          assert.ok(Number(retryAfter) >= least && Number(retryAfter) <= most, `Retry-After: ${retryAfter}`);
        }
        const calls = callsFor(ocp, text);
        assert.ok(calls.length >= 1 && calls.length <= failure.maxCalls, `${calls.length} calls`);
      });
    }
  }
});

const passing: readonly (readonly [string, Answer])[] = [
  ['a passing fault', errorAnswer(500)],
  ['a passing overload', errorAnswer(529)],
  ['a passing cut', { kind: 'hang_up' }],
];

suite('failures of the API that pass', () => {
  let ocp: Ocp;

  before(async () => {
    ocp = await sharedOcp();
    const cases = passing.flatMap(([name, reply]) =>
      [false, true].map((stream) => ({ text: asked(name, stream), reply })),
    );
    script(ocp, ...cases.map(({ text, reply }) => ({ when: { text }, reply, times: 1 })), { reply: 'all is well' });
  });

  for (const [name] of passing) {
    for (const stream of [false, true]) {
      test(`${name} is not seen, ${stream ? 'streamed' : 'whole'}`, async () => {
        const text = asked(name, stream);
        const response = await post(ocp, question(text, { stream }));
        const body = await response.text();
        assert.equal(response.status, 200, body);
        if (stream) {
          const sse = readSse(body);
          assert.equal(sse.text, 'all is well');
          assert.ok(sse.isEnded);
        } else assert.match(body, /"content":"all is well"/u);
        assert.equal(callsFor(ocp, text).length, 2);
      });
    }
  }
});

function asked(name: string, stream: boolean): string {
  return `${name}, ${stream ? 'streamed' : 'whole'}`;
}

function callsFor(ocp: Ocp, text: string): readonly RequestRecord[] {
  return ocp.simulator.log.messages().filter((call) => JSON.stringify(call.body).includes(text));
}
