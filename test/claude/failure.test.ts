import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import type { FailureFacts } from '../../src/claude/failure.ts';
import { apiFailure, isFinal, resultFailure } from '../../src/claude/failure.ts';
import type { ApiRetryLine, ResultLine } from '../../src/claude/protocol.ts';

const now = Date.parse('2026-11-22T10:00:00Z');
const failure = (facts: Partial<FailureFacts>): ReturnType<typeof apiFailure> =>
  apiFailure({ status: null, text: '', now, ...facts });

const folder = fc.constantFrom(
  'home',
  'root',
  'Users',
  'tmp',
  'var',
  'ada',
  '.claude',
  'my-project',
  'zoë@work',
  'w-a1B2',
  'src',
);
const path = fc
  .tuple(fc.array(folder, { minLength: 1, maxLength: 5 }), fc.constantFrom('', '/', 'cli.js', 'settings.json'))
  .map(([folders, file]) => `/${folders.join('/')}/${file}`);
const before = fc.constantFrom(
  '',
  ' ',
  '"',
  "'",
  '(',
  'in ',
  'ENOENT: ',
  'file:',
  'file://',
  'at=',
  'path:',
  '`',
  ': ',
  '[',
);
const statuses = fc.constantFrom(400, 401, 403, 404, 413, 418, 429, 500, 503, 529, null);

suite('failures of the API', () => {
  test('never show a path of this machine', () => {
    fc.assert(
      fc.property(statuses, before, path, (status, lead, secret) => {
        const { message } = failure({ status, text: `API Error: 400 cannot read ${lead}${secret}, try again` });
        const shown = secret.split('/').filter((part) => part.length > 3 && message.includes(part));
        assert.deepEqual(shown, [], message);
      }),
    );
  });

  test('keep the addresses and fractions that the API itself speaks of', () => {
    const text = 'API Error: 400 see https://docs.example.org/en/api/errors, ratio 3/4/5 and messages/0/content';
    assert.equal(
      failure({ status: 400, text }).message,
      'see https://docs.example.org/en/api/errors, ratio 3/4/5 and messages/0/content',
    );
  });

  test('become the statuses that clients understand', () => {
    const table: readonly [Partial<FailureFacts>, string, number][] = [
      [{ status: 400, text: 'API Error: 400 bad schema' }, 'content_rejected', 400],
      [{ status: 400, text: 'Prompt is too long' }, 'context_length_exceeded', 400],
      [{ terminalReason: 'prompt_too_long' }, 'context_length_exceeded', 400],
      [{ status: 401, text: 'Failed to authenticate.' }, 'not_logged_in', 401],
      [{ text: 'Not logged in · Please run /login' }, 'not_logged_in', 401],
      [{ status: 403 }, 'permission_denied', 403],
      [{ status: 404 }, 'model_not_found', 404],
      [{ status: 413 }, 'body_too_large', 413],
      [{ status: 429 }, 'rate_limit_exceeded', 429],
      [{ status: 500 }, 'upstream_error', 502],
      [{ status: 529 }, 'overloaded', 503],
      [{}, 'upstream_error', 502],
    ];
    for (const [facts, code, status] of table) {
      const error = failure(facts);
      assert.deepEqual([error.code, error.status], [code, status]);
    }
  });

  test('tell a limited caller when to come back', () => {
    // What the CLI says where the API said 7 and 1: up to a quarter more.
    for (const [retryDelayMs, seconds] of [
      [7_534, 7],
      [7_962, 7],
      [8_009, 8],
      [1_249, 1],
      [610, 1],
    ] as const) {
      assert.equal(failure({ status: 429, retryDelayMs }).retryAfterSeconds, seconds);
    }
    // Above a minute the CLI does not say how long.
    assert.equal(failure({ status: 429 }).retryAfterSeconds, 60);
    const plan = { status: 'rejected', resetsAt: now / 1_000 + 90 };
    const limited = failure({ status: 429, plan });
    assert.deepEqual([limited.code, limited.retryAfterSeconds], ['plan_limit_reached', 90]);
    const past = failure({ status: 429, plan: { status: 'rejected', resetsAt: now / 1_000 - 90 } });
    assert.equal(past.retryAfterSeconds, 1);
    assert.equal(failure({ status: 429, plan: { ...plan, status: 'allowed' } }).code, 'rate_limit_exceeded');
  });

  test('know a refusal to let other tools draw on the plan, in whichever words', () => {
    for (const text of [
      'Third-party apps now draw from your extra usage, not your plan limits. Add more at claude.ai/settings/usage',
      'Third-party apps now draw from usage credits instead of plan limits.',
      'This request was identified as coming from a third party tool and cannot use your subscription.',
      'Usage from external apps is billed as extra usage. Your plan does not cover it.',
    ]) {
      const refused = failure({ status: 400, text: `API Error: 400 ${text}` });
      assert.equal(refused.code, 'plan_use_refused', text);
      assert.match(refused.message, /usage credits.*API key/u);
    }
    for (const text of [
      'messages: text content blocks must be non-empty',
      'A third-party image could not be read',
      'No plan is known',
    ]) {
      assert.equal(failure({ status: 400, text }).code, 'content_rejected', text);
    }
    assert.equal(
      failure({ status: 429, text: 'Third-party apps draw from usage credits' }).code,
      'rate_limit_exceeded',
    );
  });

  test('tell how to log in', () => {
    assert.match(failure({ status: 401 }).message, /claude auth login/);
  });

  test('are read off the result line, from its text or its errors', () => {
    const line: ResultLine = {
      type: 'result',
      subtype: 'error_during_execution',
      is_error: true,
      total_cost_usd: 0,
      errors: ['first', 'second'],
      api_error_status: 400,
    };
    assert.equal(resultFailure(line, undefined, now).message, 'first; second');
  });

  test('are repeated only where a repeat can help', () => {
    const final = (status: number | null): boolean => {
      const line: ApiRetryLine = {
        type: 'system',
        subtype: 'api_retry',
        retry_delay_ms: 500,
        error_status: status,
        error: 'unknown',
      };
      return isFinal(line);
    };
    assert.deepEqual([400, 401, 403, 404, 429].map(final), [true, true, true, true, true]);
    assert.deepEqual([null, 408, 409, 500, 502, 529].map(final), [false, false, false, false, false, false]);
  });
});
