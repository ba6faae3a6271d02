import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { Cli, Line } from './support/cli.ts';
import { lineOf } from './support/cli.ts';
import { openSite, subscription } from './support/site.ts';
import type { Site } from './support/site.ts';
import { asked, setUp, lastCall } from './support/told.ts';

suite('a plan and the models', () => {
  let site: Site;
  let cli: Cli;
  before(async () => {
    site = await openSite();
    site.simulator.plan = { ...site.simulator.plan, fiveHour: { ...site.simulator.plan.fiveHour, utilization: 0.42 } };
    cli = site.start({ login: subscription, env: { CLAUDE_CODE_MAX_RETRIES: '0' } });
  });
  after(async () => site[Symbol.asyncDispose]());

  test('`list_models` tells names, the models behind them, and their effort levels, before any set-up', async () => {
    const { models } = await cli.ask({ subtype: 'list_models' });
    const list = models as readonly Line[];
    assert.ok(list.length > 0);
    assert.ok(list.every((one) => typeof one['value'] === 'string'));
    const sonnet = list.find((one) => one['value'] === 'sonnet') ?? list[0];
    assert.match(String(sonnet?.['resolvedModel'] ?? sonnet?.['value']), /^claude-/);
    assert.ok(
      list.some((one) => Array.isArray(one['supportedEffortLevels'])),
      'no model has effort levels',
    );
  });

  test('`get_usage` answers about the plan without a turn', async () => {
    const usage = await cli.ask({ subtype: 'get_usage', skip_behaviors: true });
    assert.equal(typeof usage['rate_limits_available'], 'boolean');
    assert.ok('rate_limits' in usage && 'subscription_type' in usage, JSON.stringify(usage).slice(0, 300));
    assert.deepEqual(site.simulator.log.messages(), []);
  });

  test('a token of a plan is sent as such, and `rate_limit_event` tells what is left of each window', async () => {
    await setUp(cli);
    const lines = await cli.turn(asked('hello'));
    assert.equal(lastCall(site.simulator)?.headers['authorization'], `Bearer ${subscription.CLAUDE_CODE_OAUTH_TOKEN}`);
    const info = lineOf(lines, 'rate_limit_event')?.['rate_limit_info'] as Line;
    assert.equal(info['status'], 'allowed');
    assert.equal(info['rateLimitType'], 'five_hour');
    assert.equal(info['resetsAt'], site.simulator.plan.resetsAt);
    assert.equal(typeof info['isUsingOverage'], 'boolean');
    const windows = info['unifiedWindows'] as Readonly<Record<string, Line>>;
    assert.equal(windows['five_hour']?.['utilization'], 0.42);
    assert.equal(windows['five_hour']?.['resetsAt'], site.simulator.plan.fiveHour.resetsAt);
    assert.equal(windows['seven_day']?.['utilization'], 0.05);
  });

  test('a plan with nothing left is told as rejected, with the time of its reset', async () => {
    site.simulator.plan = { ...site.simulator.plan, status: 'rejected', retryAfterSeconds: 1 };
    const lines = await cli.turn(asked('more'));
    const events = lines.filter((line) => line['type'] === 'rate_limit_event').map((line) => line['rate_limit_info']);
    const rejected = (events as readonly Line[]).find((info) => info['status'] === 'rejected');
    assert.equal(rejected?.['resetsAt'], site.simulator.plan.resetsAt);
    const result = lineOf(lines, 'result');
    assert.deepEqual([result?.['is_error'], result?.['api_error_status']], [true, 429]);
  });
});
