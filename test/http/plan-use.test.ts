import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { Ocp } from '../support/ocp.ts';
import { startOcp } from '../support/ocp.ts';
import { question, script } from './chat-support.ts';

const words =
  'Third-party apps now draw from your extra usage, not your plan limits. Enable usage credits at claude.ai/settings.';

suite('a refusal to let other tools draw on the plan', () => {
  let ocp: Ocp;
  before(async () => {
    ocp = await startOcp();
  });
  after(async () => ocp[Symbol.asyncDispose]());

  const surfaces = [
    ['/v1/messages', { ...question('go'), max_tokens: 99 }],
    ['/v1/chat/completions', question('go')],
    ['/v1/responses', { model: 'sonnet', input: 'go' }],
  ] as const;
  for (const stream of [false, true]) {
    for (const [path, body] of surfaces) {
      test(`is told as what it is and not tried again, at ${path}, ${stream ? 'streamed' : 'whole'}`, async () => {
        script(ocp, { reply: { kind: 'error', status: 400, type: 'invalid_request_error', message: words } });
        const response = await fetch(`${ocp.url}${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'user-agent': 'opencode/1.18.33' },
          body: JSON.stringify({ ...body, stream }),
        });
        const { error } = (await response.json()) as { readonly error: Record<string, string> };
        assert.deepEqual([response.status, error['code']], [400, 'plan_use_refused']);
        assert.match(error['message'] ?? '', /usage credits.*decision of Anthropic.*API key/u);
        assert.equal(response.headers.get('x-should-retry'), 'false');
        // The CLI by itself repeats a 400 once without an optional feature; nobody else asks again.
        const calls = ocp.simulator.log.messages();
        assert.ok(calls.length <= 2, `${calls.length} calls`);
        assert.equal(new Set(calls.map(({ headers }) => headers['x-claude-code-session-id'])).size, 1);
      });
    }
  }

  test('is counted by client, and doctor says what to do', async () => {
    const usage = (await (await fetch(`${ocp.url}/usage`)).json()) as { readonly planUseRefused: unknown };
    assert.deepEqual(usage.planUseRefused, { opencode: 6 });
    const { stats, workers } = (await ocp.health()) as {
      readonly stats: Readonly<Record<string, unknown>>;
      readonly workers: { readonly origins: { readonly retries: number } };
    };
    assert.deepEqual([stats['planUseRefused'], workers.origins.retries], [{ opencode: 6 }, 0]);
    const report = (await (await fetch(`${ocp.url}/api/doctor`)).json()) as {
      readonly checks: readonly { readonly id: string; readonly level: string; readonly message: string }[];
    };
    const check = report.checks.find(({ id }) => id === 'plan_use');
    assert.equal(check?.level, 'WARN');
    assert.match(check.message, /opencode \(6\)/u);
  });
});
