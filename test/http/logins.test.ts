import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { RateLimitError } from 'openai';
import type { Ocp } from '../support/ocp.ts';
import { startOcp } from '../support/ocp.ts';
import { clientOf, errorOf, post, question, readSse, script, within } from './chat-support.ts';

// The key of OCP's own environment is there, but not among the names that the CLI may see.
const keyNotListed = { OCP_CLAUDE_ENV: 'ANTHROPIC_BASE_URL' };

suite('without a login', () => {
  let ocp: Ocp;

  before(async () => {
    ocp = await startOcp({ env: keyNotListed });
  });
  after(async () => ocp[Symbol.asyncDispose]());

  test('OCP starts, says so in its health, and answers 401 with the command to run', async (t) => {
    const health = (await ocp.health()) as { status: string; auth: { ok: boolean; message: string } };
    assert.deepEqual([health.status, health.auth.ok], ['degraded', false]);
    assert.match(health.auth.message, /claude/u);
    for (const stream of [false, true]) {
      script(ocp);
      const startedAt = performance.now();
      const response = await post(ocp, question('go', { stream }));
      within(t, startedAt, 30_000);
      assert.equal(response.status, 401);
      const error = await errorOf(response);
      assert.deepEqual([error.code, error.type], ['not_logged_in', 'authentication_error']);
      assert.match(error.message, /`claude auth login`/u);
      assert.deepEqual(ocp.simulator.log.messages(), []);
    }
  });
});

suite('with the token of a subscription', () => {
  let ocp: Ocp;
  let passedMs = 0;

  before(async () => {
    ocp = await startOcp({
      env: { ...keyNotListed, CLAUDE_CODE_OAUTH_TOKEN: 'sk-ant-oat01-fake' },
      now: () => Date.now() + passedMs,
    });
  });
  after(async () => ocp[Symbol.asyncDispose]());

  test('an API key in the environment of OCP never pays', async () => {
    script(ocp, { reply: 'ok' });
    await (await post(ocp, question('go'))).text();
    assert.equal(ocp.simulator.log.messages().length, 1);
    for (const { headers, body } of ocp.simulator.log.all) {
      assert.equal(headers['x-api-key'], undefined);
      assert.doesNotMatch(JSON.stringify([headers, body]), /sk-ant-api03-fake/u);
    }
    assert.equal(ocp.simulator.log.messages()[0]?.headers.authorization, 'Bearer sk-ant-oat01-fake');
  });

  test('an exhausted plan is a 429 until it resets: once from the API, then at once and from no worker', async (t) => {
    const { plan } = ocp.simulator;
    const resetsAt = Math.floor(Date.now() / 1000) + 7200;
    const spent = { utilization: 1, resetsAt, status: 'rejected' } as const;
    ocp.simulator.plan = { ...plan, status: 'rejected', resetsAt, fiveHour: spent };
    try {
      for (const [calls, stream] of [false, true, false].entries()) {
        script(ocp, { reply: 'never' });
        const startedAt = performance.now();
        const response = await post(ocp, question('go', { stream }));
        within(t, startedAt, 30_000);
        assert.equal(response.status, 429);
        const error = await errorOf(response);
        assert.deepEqual([error.code, error.type], ['plan_limit_reached', 'rate_limit_error']);
        assert.match(error.message, new RegExp(new Date(resetsAt * 1000).toISOString(), 'u'));
        const retryAfter = Number(response.headers.get('retry-after'));
        assert.ok(Math.abs(retryAfter - (resetsAt - Date.now() / 1000)) < 10, `Retry-After: ${retryAfter}`);
        assert.equal(ocp.simulator.log.messages().length, calls === 0 ? 1 : 0);
      }
      await assert.rejects(clientOf(ocp).chat.completions.create(question('go')), RateLimitError);
    } finally {
      ocp.simulator.plan = plan;
    }
    script(ocp, { reply: 'again' });
    passedMs = 7_201_000;
    const response = await post(ocp, question('go', { stream: true }));
    assert.equal(readSse(await response.text()).text, 'again', 'the plan has reset');
  });
});
