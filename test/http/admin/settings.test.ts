import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { textAnswer } from '../../../simulator/index.ts';
import { asAdmin, send, startMulti } from '../../support/admin.ts';
import { fakeClaudeBinary } from '../../support/fake-claude.ts';
import { startOcp } from '../../support/ocp.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { post, question, script } from '../chat-support.ts';

interface Setting {
  readonly value: number | null;
  readonly source: string;
}

type Settings = Record<string, Setting>;

const ranges = {
  timeout: { value: 600_000, type: 'number', min: 30_000, max: 1_800_000, unit: 'ms', env: 'CLAUDE_TIMEOUT' },
  maxConcurrent: { value: 8, type: 'number', min: 1, max: 512, unit: '', env: 'CLAUDE_MAX_CONCURRENT' },
  sessionTTL: { value: 3_600_000, type: 'number', min: 60_000, max: 86_400_000, unit: 'ms', env: 'CLAUDE_SESSION_TTL' },
  maxPromptChars: { value: null, min: 10_000, max: 1_000_000, unit: 'chars', env: 'CLAUDE_MAX_PROMPT_CHARS' },
  cacheTTL: { value: 0, type: 'number', min: 0, max: 86_400_000, unit: 'ms', env: 'CLAUDE_CACHE_TTL' },
};

suite('/settings', { timeout: 60_000 }, () => {
  test('shows each setting with its range, and where its value comes from', async () => {
    await using ocp = await startMulti({ env: { CLAUDE_BIN: fakeClaudeBinary, CLAUDE_CACHE_TTL: '5000' } });
    const { status, body } = await asAdmin(ocp, 'GET', '/settings');
    assert.equal(status, 200);
    assert.deepEqual(Object.keys(body as object), Object.keys(ranges));
    assert.partialDeepStrictEqual(body, { ...ranges, cacheTTL: { value: 5000, source: 'environment' } });
    assert.equal((body as Settings)['timeout']?.source, 'default');
  });

  test('takes what is good, names what is not, and says how it went', async () => {
    await using ocp = await startMulti({ env: { CLAUDE_BIN: fakeClaudeBinary } });
    const patch = async (body: unknown): Promise<[number, Record<string, unknown>]> => {
      const reply = await asAdmin(ocp, 'PATCH', '/settings', body);
      return [reply.status, reply.body as Record<string, unknown>];
    };
    const [good, goodBody] = await patch({ timeout: 900_000, maxConcurrent: 4 });
    assert.equal(good, 200);
    assert.deepEqual(goodBody['results'], {
      timeout: { ok: true, value: 900_000 },
      maxConcurrent: { ok: true, value: 4 },
    });
    assert.equal('errors' in goodBody, false);
    assert.partialDeepStrictEqual(goodBody['current'], { timeout: { value: 900_000, source: 'database' } });

    const [partly, partlyBody] = await patch({ cacheTTL: 1000, colour: 1, maxConcurrent: '5', sessionTTL: 1 });
    assert.equal(partly, 207);
    const problems = [
      'unknown setting: colour',
      'maxConcurrent: expected number, got string',
      'sessionTTL: value 1 out of range [60000, 86400000]',
    ];
    assert.deepEqual(partlyBody['errors'], problems);
    assert.deepEqual(partlyBody['results'], {
      cacheTTL: { ok: true, value: 1000 },
      colour: { error: problems[0] },
      maxConcurrent: { error: problems[1] },
      sessionTTL: { error: problems[2] },
    });
    assert.partialDeepStrictEqual(partlyBody['current'], { maxConcurrent: { value: 4 }, cacheTTL: { value: 1000 } });

    const [none, noneBody] = await patch({ maxConcurrent: 513 });
    assert.equal(none, 400);
    assert.partialDeepStrictEqual(noneBody, {
      results: { maxConcurrent: { error: 'maxConcurrent: value 513 out of range [1, 512]' } },
      error: { code: 'invalid_request' },
    });
    for (const body of [[], 5, 'null', {}]) {
      const [status, { error }] = await patch(body);
      assert.equal(status, 400);
      assert.partialDeepStrictEqual(error, { message: 'Expected JSON object with key-value pairs' });
    }
    assert.deepEqual((await patch('{'))[0], 400);
    assert.deepEqual((await patch({ a: 'x'.repeat(10_000) }))[0], 413);
    const health = (await ocp.health())['config'];
    assert.partialDeepStrictEqual(health, { timeout: 900_000, maxConcurrent: 4 });
  });

  test('keeps a change over a restart, where the environment does not say otherwise', async (t) => {
    const home = temporaryFolder(t);
    const read = async (env: Record<string, string>, change?: object): Promise<Settings> => {
      await using ocp = await startMulti({ env: { CLAUDE_BIN: fakeClaudeBinary, OCP_HOME: home, ...env } });
      if (change !== undefined) assert.equal((await asAdmin(ocp, 'PATCH', '/settings', change)).status, 200);
      return (await asAdmin(ocp, 'GET', '/settings')).body as Settings;
    };
    await read({}, { timeout: 60_000, maxPromptChars: 20_000 });
    assert.partialDeepStrictEqual(await read({}), {
      timeout: { value: 60_000, source: 'database' },
      maxPromptChars: { value: 20_000, source: 'database' },
    });
    const env = { CLAUDE_TIMEOUT: '90000' };
    assert.partialDeepStrictEqual((await read(env))['timeout'], { value: 90_000, source: 'environment' });
    const changed = await read(env, { timeout: 120_000 });
    assert.partialDeepStrictEqual(changed['timeout'], { value: 120_000, source: 'runtime' });
    assert.partialDeepStrictEqual((await read(env))['timeout'], { value: 90_000, source: 'environment' });
    assert.partialDeepStrictEqual((await read({}, { maxPromptChars: null }))['timeout'], { value: 60_000 });
    assert.partialDeepStrictEqual(await read({}), { maxPromptChars: { value: null, source: 'default' } });
  });

  test('takes times as people write them, and shows them so, over a restart', async (t) => {
    const home = temporaryFolder(t);
    const env = { CLAUDE_BIN: fakeClaudeBinary, OCP_HOME: home, CLAUDE_SESSION_TTL: '1h30m' };
    const shown = async (change?: object): Promise<unknown> => {
      await using ocp = await startMulti({ env });
      if (change !== undefined) assert.equal((await asAdmin(ocp, 'PATCH', '/settings', change)).status, 200);
      const body = (await asAdmin(ocp, 'GET', '/settings')).body as Record<string, { value: number; text: string }>;
      return Object.fromEntries(Object.entries(body).map(([name, { value, text }]) => [name, [value, text]]));
    };
    const expected = {
      timeout: [300_000, '300s'],
      maxConcurrent: [8, '8'],
      sessionTTL: [5_400_000, '1h30m'],
      maxPromptChars: [null, null],
      cacheTTL: [300_000, '5m'],
    };
    assert.deepEqual(await shown({ timeout: '300s', cacheTTL: 300_000 }), expected);
    assert.deepEqual(await shown(), expected);
  });

  test('takes effect at once', async () => {
    await using ocp = await startOcp();
    script(ocp, { reply: textAnswer('fine') });
    const long = question('x'.repeat(20_000));
    assert.equal((await post(ocp, long)).status, 200);
    await send(ocp, 'PATCH', '/settings', { maxPromptChars: 10_000 });
    assert.equal((await post(ocp, long)).status, 400);
    await send(ocp, 'PATCH', '/settings', { maxPromptChars: null, cacheTTL: 60_000 });
    assert.equal((await post(ocp, long)).status, 200);
    const calls = ocp.simulator.log.all.length;
    assert.equal((await post(ocp, long)).status, 200);
    assert.equal(ocp.simulator.log.all.length, calls, 'the cache was not on');
  });

  test('is written down with what was before', async () => {
    await using ocp = await startMulti({ env: { CLAUDE_BIN: fakeClaudeBinary } });
    await asAdmin(ocp, 'PATCH', '/settings', { timeout: 60_000, colour: 1 });
    const { entries } = (await asAdmin(ocp, 'GET', '/api/audit')).body as { entries: unknown[] };
    assert.equal(entries.length, 1);
    assert.partialDeepStrictEqual(entries[0], {
      action: 'settings.change',
      before: { timeout: 600_000 },
      after: { timeout: 60_000 },
    });
  });
});
