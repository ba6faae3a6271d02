import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { asAdmin, bearer, newKey, remote, send, startMulti } from '../../support/admin.ts';
import { fakeClaude, fakeClaudeBinary } from '../../support/fake-claude.ts';
import type { Ocp } from '../../support/ocp.ts';
import { startOcp } from '../../support/ocp.ts';
import { until } from '../../support/processes.ts';
import { post, question, script } from '../chat-support.ts';

type Body = Readonly<Record<string, unknown>>;

const HOUR = 3600;

suite('the plan of a subscription', () => {
  let ocp: Ocp;
  let passedMs = 0;
  const START = Math.floor(Date.now() / 1000);

  before(async () => {
    ocp = await startOcp({
      env: { OCP_CLAUDE_ENV: 'ANTHROPIC_BASE_URL', CLAUDE_CODE_OAUTH_TOKEN: 'sk-ant-oat01-fake' },
      now: () => Date.now() + passedMs,
    });
  });
  after(async () => ocp[Symbol.asyncDispose]());

  const get = async (path: string): Promise<Body> => {
    const reply = await send(ocp, 'GET', path);
    assert.equal(reply.status, 200, reply.text);
    return reply.body as Body;
  };

  test('is unknown before the first turn, which is no error', async () => {
    const usage = await get('/usage');
    assert.deepEqual([usage['status'], usage['plan'], usage['fetchedAt']], ['unknown', null, null]);
    assert.equal((await get('/status'))['plan'], null);
    assert.equal(ocp.simulator.log.messages().length, 0, 'asking cost a call of the API');
  });

  test('is told by the turns, in the shape of the contract', async () => {
    ocp.simulator.plan = {
      ...ocp.simulator.plan,
      fiveHour: { utilization: 0.21, resetsAt: START + 3 * HOUR + 12 * 60 + 30, status: 'allowed' },
      sevenDay: { utilization: 0.45, resetsAt: START + 98 * HOUR + 30, status: 'allowed' },
    };
    script(ocp, { reply: 'fine' });
    assert.equal((await post(ocp, question('go'))).status, 200);
    await until(async () => (await get('/usage'))['plan'] !== null);
    const usage = await get('/usage');
    const plan = usage['plan'] as {
      readonly currentSession: Body;
      readonly weeklyLimits: { readonly allModels: Body };
      readonly extraUsage: Body;
    } & Body;
    const { resetsIn, resetsAtHuman, ...session } = plan.currentSession;
    assert.deepEqual(session, {
      utilization: 0.21,
      percent: '21%',
      resetsAt: new Date((START + 3 * HOUR + 12 * 60 + 30) * 1000).toISOString(),
    });
    assert.match(String(resetsIn), /^3h 1[0-2]m$/u);
    assert.match(String(resetsAtHuman), /^\w{3}, \w{3} \d+, \d+:\d\d [AP]M$/u);
    assert.equal(plan.weeklyLimits.allModels['percent'], '45%');
    assert.match(String(plan.weeklyLimits.allModels['resetsIn']), /^4d [12]h$/u);
    assert.equal(typeof plan.extraUsage['status'], 'string');
    assert.equal(plan['representativeClaim'], 'five_hour');
    assert.equal(usage['status'], 'allowed');
    const proxy = usage['proxy'] as Body;
    assert.deepEqual(
      [proxy['totalRequests'], proxy['activeRequests'], proxy['errors'], proxy['timeouts'], typeof proxy['uptime']],
      [1, 0, 0, 0, 'string'],
    );
    const models = usage['models'] as Readonly<Record<string, Body>>;
    const { avgElapsed, maxElapsed, ...counts } = models['claude-sonnet-5-5'] ?? {};
    assert.deepEqual(counts, {
      requests: 1,
      successes: 1,
      errors: 0,
      timeouts: 0,
      avgPromptChars: 2,
      maxPromptChars: 2,
    });
    assert.equal(avgElapsed, maxElapsed);
    const status = await get('/status');
    assert.deepEqual((status['plan'] as Body)['currentSession'], plan.currentSession);
    const { uptime, version, activeSessions, logins, ...rest } = status['proxy'] as Body;
    assert.deepEqual([typeof uptime, typeof version, typeof activeSessions], ['string', 'string', 'number']);
    assert.deepEqual(rest, { status: 'ok', auth: 'ok' });
    // Only where there are further profiles.
    assert.equal(logins, undefined);
    assert.deepEqual(status['requests'], { total: 1, active: 0, errors: 0, timeouts: 0 });
    assert.deepEqual(status['recentErrors'], []);
  });

  test('is known after a restart, with its age; a window that has ended is empty', async () => {
    const { currentSession } = (await get('/usage'))['plan'] as { readonly currentSession: Body };
    assert.equal(currentSession['percent'], '21%');
    passedMs = 4 * HOUR * 1000;
    const later = (await get('/usage'))['plan'] as { readonly currentSession: Body; readonly ageMs: number };
    assert.deepEqual(later.currentSession, {
      utilization: 0,
      percent: '0%',
      resetsIn: null,
      resetsAt: null,
      resetsAtHuman: null,
    });
    assert.ok(later.ageMs >= passedMs - 10_000);
  });

  test('what a turn cost is what the CLI says: at list price, turn by turn of one conversation', async () => {
    script(ocp, { reply: 'one two three' });
    const messages: object[] = [];
    for (const text of ['first', 'second']) {
      messages.push({ role: 'user', content: text });
      const response = await post(ocp, { model: 'sonnet', messages });
      const { choices } = (await response.json()) as { readonly choices: readonly { readonly message: object }[] };
      messages.push(choices[0]?.message ?? {});
    }
    const rows = async (): Promise<readonly Body[]> => {
      const { recent } = await get(`/api/usage?limit=2`);
      return recent as readonly Body[];
    };
    // What is written into the cache costs 2.5 or, where it stays for an hour, 4.
    const priced = (
      { input_tokens, output_tokens, cache_read_tokens, cache_write_tokens }: Body,
      write: number,
    ): number =>
      (Number(input_tokens) * 2 +
        Number(output_tokens) * 10 +
        Number(cache_read_tokens) * 0.1 +
        Number(cache_write_tokens) * write) /
      1e6;
    for (const row of await rows()) {
      const usd = Number(row['usd']);
      assert.ok(usd >= priced(row, 2.5) - 1e-9 && usd <= priced(row, 4) + 1e-9, JSON.stringify(row));
      assert.ok(usd > 0);
    }
    assert.equal((await rows())[0]?.['source'], 'live');
  });
});

suite('/metrics', () => {
  let ocp: Ocp;
  before(async () => {
    ocp = await startMulti({
      env: { CLAUDE_BIN: fakeClaudeBinary, CLAUDE_CACHE_TTL: '60000', OCP_METRICS_TOKEN: 'scrape-me' },
    });
  });
  after(async () => ocp[Symbol.asyncDispose]());

  const scrape = async (): Promise<string> => {
    const reply = await send(ocp, 'GET', '/metrics', undefined, { ...remote, ...bearer('scrape-me') });
    assert.equal(reply.status, 200);
    assert.match(String(reply.headers.get('content-type')), /^text\/plain; version=0\.0\.4/u);
    return reply.text;
  };

  test('are for the admin and for the holder of their token, which opens nothing else', async () => {
    const { key } = await newKey(ocp, { name: 'laptop' });
    const status = async (path: string, headers: Record<string, string>): Promise<number> =>
      (await send(ocp, 'GET', path, undefined, { ...remote, ...headers })).status;
    assert.equal((await asAdmin(ocp, 'GET', '/metrics')).status, 200);
    assert.equal(await status('/metrics', bearer('scrape-me')), 200);
    assert.equal(await status('/metrics', {}), 401);
    assert.equal(await status('/metrics', bearer('scrape-you')), 401);
    assert.equal(await status('/metrics', bearer(key)), 403);
    assert.equal(await status('/api/usage', bearer('scrape-me')), 401);
    assert.equal(await status('/api/keys', bearer('scrape-me')), 401);
  });

  test('count requests, tokens, cost and times, and show what runs', async () => {
    const { key } = await newKey(ocp, { name: 'tablet' });
    for (let time = 0; time < 2; time += 1) {
      assert.equal((await post(ocp, question('hello'), bearer(key))).status, 200);
    }
    assert.equal((await post(ocp, question('hello', { model: 'nobody"\nknows' }), bearer(key))).status, 404);
    const text = await scrape();
    const value = (line: string): number | undefined => {
      const found = text.split('\n').find((candidate) => candidate.startsWith(`${line} `));
      return found === undefined ? undefined : Number(found.slice(line.length));
    };
    const ok = 'surface="openai-chat",model="claude-sonnet-5-5",outcome="ok"';
    assert.equal(value(`ocp_requests_total{${ok}}`), 2);
    assert.equal(value('ocp_requests_total{surface="openai-chat",model="none",outcome="model_not_found"}'), 1);
    assert.equal(value('ocp_answers_total{source="hit"}'), 1);
    assert.equal(value('ocp_tokens_total{model="claude-sonnet-5-5",kind="output"}'), 5);
    assert.equal(value('ocp_time_to_first_token_seconds_count{surface="openai-chat"}'), 2);
    assert.equal(value('ocp_time_to_first_token_seconds_bucket{surface="openai-chat",le="+Inf"}'), 2);
    assert.equal(value('ocp_cache_entries'), 1);
    assert.equal(value('ocp_turns_running'), 0);
    assert.equal(value('ocp_queue_waiting'), 0);
    assert.notEqual(value('ocp_workers{state="conversation"}'), undefined);
    for (const line of text.trimEnd().split('\n')) {
      assert.match(
        line,
        /^(?:# (?:HELP|TYPE) [a-z_]+ .+|[a-z_]+(?:\{[a-z]+="[^"\n]*"(?:,[a-z]+="[^"\n]*")*\})? \S+)$/u,
      );
    }
    const types = [...text.matchAll(/^# TYPE (\S+)/gmu)].map(([, name]) => name);
    assert.equal(new Set(types).size, types.length, 'a metric is there twice');
  });
});

test('/usage and /status need the admin key where people have keys of their own', async (t) => {
  const { binary, configDir } = fakeClaude(t, { usage: 'refused' });
  await using ocp = await startMulti({ env: { CLAUDE_BIN: binary, CLAUDE_CONFIG_DIR: configDir } });
  const { key } = await newKey(ocp, { name: 'laptop' });
  for (const path of ['/usage', '/status']) {
    assert.equal((await send(ocp, 'GET', path, undefined, bearer(key))).status, 403);
    assert.equal((await send(ocp, 'GET', path, undefined, remote)).status, 401);
  }
  // This CLI does not know the question: it could not be asked.
  const usage = await asAdmin(ocp, 'GET', '/usage');
  assert.deepEqual([usage.status, (usage.body as Body)['plan']], [502, null]);
  assert.match(String((usage.body as Body)['error']), /plan/u);
  const status = await asAdmin(ocp, 'GET', '/status');
  assert.deepEqual([status.status, typeof (status.body as Body)['plan']], [200, 'string']);
  assert.equal((await asAdmin(ocp, 'GET', '/usage?profile=nobody')).status, 503);
});
