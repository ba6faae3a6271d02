import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { parseExpiry } from '../../../src/cli/keys/key-patch.ts';
import { displayWidth } from '../../../src/cli/output/width.ts';
import { adminKey, asAdmin, startMulti } from '../../support/admin.ts';
import type { CommandOptions, CommandRun } from '../../support/command.ts';
import { runOcp, terminal } from '../../support/command.ts';
import { fakeClaudeBinary } from '../../support/fake-claude.ts';
import type { Ocp } from '../../support/ocp.ts';

suite('ocp keys', () => {
  let ocp: Ocp;
  before(async () => {
    // No request reaches the CLI here.
    ocp = await startMulti({ env: { CLAUDE_BIN: fakeClaudeBinary } });
  });
  after(async () => ocp[Symbol.asyncDispose]());

  const keys = async (words: readonly string[], options: CommandOptions = {}): Promise<CommandRun> =>
    runOcp(['keys', ...words], {
      ...options,
      env: { OCP_PROXY_URL: ocp.url, OCP_ADMIN_KEY: adminKey, ...options.env },
    });
  const ok = async (...words: readonly string[]): Promise<string> => {
    const { status, out, err } = await keys(words);
    assert.deepEqual([status, err], [0, '']);
    return out;
  };
  const shown = async (name: string): Promise<Record<string, unknown>> =>
    JSON.parse(await ok('show', name, '--json')) as Record<string, unknown>;

  test('a key is made and shown once, listed, rotated and revoked', async () => {
    assert.match(await ok(), /There are no keys/u);
    const made = await ok('add', 'laptop');
    assert.match(made, /^✓ Key created for "laptop"$/mu);
    const text = /API Key: (ocp_[\w-]{32})$/mu.exec(made)?.[1] ?? '';
    const works = async (key: string): Promise<number> =>
      (await fetch(`${ocp.url}/v1/models`, { headers: { 'x-api-key': key } })).status;
    assert.equal(await works(text), 200);
    const listed = await ok('list');
    assert.match(listed, /^laptop .*✓ active /mu);
    assert.ok(!listed.includes(text) && listed.includes(text.slice(-4)));

    const named = async (url: string): Promise<CommandRun> =>
      runOcp(['completion', 'names', 'keys'], { env: { OCP_PROXY_URL: url, OCP_ADMIN_KEY: adminKey } });
    assert.deepEqual(await named(ocp.url), { status: 0, out: 'laptop\n', err: '' });
    assert.deepEqual(await named('http://127.0.0.1:9'), { status: 0, out: '', err: '' }, 'a server that is off');

    const rotated = JSON.parse(await ok('rotate', 'laptop', '--overlap', '1h', '--json')) as { readonly key: string };
    assert.deepEqual([await works(text), await works(rotated.key)], [200, 200]);
    assert.match(await ok('rotate', 'laptop'), /The old one no longer works/u);
    assert.equal(await works(rotated.key), 401);

    assert.match(await ok('revoke', 'laptop'), /^✓ Revoked: laptop$/mu);
    assert.match(await ok(), /^laptop .*✗ revoked/mu);
    const again = await keys(['revoke', 'laptop']);
    assert.equal(again.status, 1);
    assert.match(again.err, /^ocp: there is no active key "laptop"; ocp keys lists them\n$/u);
  });

  test('everything that can be said of a key is said by an option, and can be taken back', async () => {
    await ok('add', 'full', '--daily', '50', '--tokens-weekly', '2M', '--usd-monthly', '12.50', '--per-minute', '9');
    await ok('limit', 'full', '--weekly', '100', '--concurrent', '2', '--daily', 'none');
    await ok(
      'set',
      'full',
      '--models',
      'sonnet,haiku',
      '--default-model',
      'haiku',
      '--note',
      'of a friend',
      '--server-tools',
      'on',
    );
    await ok('set', 'full', '--expires', '30d', '--profile', 'default');
    const { limits, models, defaultModel, note, serverTools, expiresAt, quota } = await shown('full');
    assert.deepEqual(
      [limits, models, defaultModel, note, serverTools],
      [
        {
          requests: { daily: null, weekly: 100, monthly: null },
          tokens: { daily: null, weekly: 2_000_000, monthly: null },
          usd: { daily: null, weekly: null, monthly: 12.5 },
          requestsPerMinute: 9,
          concurrentTurns: 2,
        },
        ['sonnet', 'haiku'],
        'haiku',
        'of a friend',
        true,
      ],
    );
    assert.ok(Math.abs(Date.parse(String(expiresAt)) - Date.now() - 2_592_000_000) < 60_000);
    assert.deepEqual((quota as { readonly weekly: unknown }).weekly, { limit: 100, used: 0 });
    const text = await ok('show', 'full');
    for (const line of [
      /^Requests \/ 7 days +0 of 100 used$/mu,
      /^Models +sonnet, haiku$/mu,
      /^Note +of a friend$/mu,
    ]) {
      assert.match(text, line);
    }
    await ok(
      'set',
      'full',
      '--models',
      'all',
      '--default-model',
      'none',
      '--expires',
      'never',
      '--server-tools',
      'off',
    );
    await ok('disable', 'full');
    assert.match(await ok('rename', 'full', 'plain'), /✗ disabled/u);
    const plain = await shown('plain');
    assert.deepEqual(
      [plain['models'], plain['defaultModel'], plain['expiresAt'], plain['serverTools'], plain['enabled']],
      [null, null, null, false, false],
    );
    assert.match(await ok('enable', 'plain'), /✓ active/u);
  });

  test('what cannot be done is one line, and its status', async () => {
    for (const [status, words, expected] of [
      [2, ['add'], /NAME is missing/u],
      [2, ['limit', 'plain'], /no limit is named/u],
      [2, ['limit', 'plain', '--daily', 'many'], /--daily is "many", but must be a whole number/u],
      [2, ['limit', 'plain', '--daily', '1.5'], /--daily is "1.5"/u],
      [2, ['limit', 'plain', '--usd-daily=-1'], /must be dollars/u],
      [2, ['set', 'plain', '--expires', '2020-01-01'], /which has passed/u],
      [2, ['set', 'plain', '--server-tools', 'maybe'], /must be one of on, off/u],
      [2, ['rotate', 'plain', '--overlap', 'soon'], /--overlap must be/u],
      [2, ['lsit'], /"lsit".*list, add, show/u],
      [2, ['--json', 'lsit'], /"lsit".*list, add, show/u],
      [1, ['add', 'plain'], /name/u],
      [1, ['add', '\u001b[31mx'], /name/iu],
      [1, ['show', 'nobody'], /not found/iu],
      [1, ['show', '..'], /there is no key "\.\."/u],
      [1, ['set', 'plain', '--models', 'gpt-9'], /no such model/u],
      [1, ['set', 'plain', '--profile', 'nobody'], /nobody/u],
    ] as const) {
      const run = await keys(words);
      assert.deepEqual([run.status, run.out], [status, ''], words.join(' '));
      assert.match(run.err, expected);
      assert.match(run.err, /^ocp: \P{Cc}*\n$/u, words.join(' '));
    }
    const other = await keys([], { env: { OCP_ADMIN_KEY: '' } });
    assert.equal(other.status, 1);
    assert.match(other.err, /wants its admin key for this: give it with --key/u);
    assert.ok(!(await keys([], { env: { OCP_ADMIN_KEY: 'wrong-key' } })).err.includes('wrong-key'));
  });

  test('the list fits the terminal, with colours only where it has them', async () => {
    await asAdmin(ocp, 'PATCH', '/api/keys/plain', {
      note: '\u001b]0;owned\u0007',
      limits: { requests: { daily: 5, weekly: 6, monthly: 7 } },
    });
    for (const columns of [20, 40, 80, 200]) {
      const { out } = await keys([], { terminal: terminal(columns) });
      assert.ok(
        out
          .trimEnd()
          .split('\n')
          .every((line) => displayWidth(line) <= columns),
        `${columns}\n${out}`,
      );
      assert.match(out, /✓ active/u);
    }
    assert.match((await keys([], { terminal: terminal(80, true) })).out, /\p{Cc}\[32m✓ active/u);
    const { out } = await keys(['show', 'plain'], { terminal: terminal(80) });
    assert.ok(!out.includes('\u001b') && !out.includes('\u0007'));
    assert.ok(!(await ok('show', 'plain', '--json')).includes('\u001b'));
  });
});

test('a key ends when it is said', () => {
  const now = Date.parse('2026-11-24T12:00:00Z');
  assert.equal(parseExpiry('12h', now), '2026-11-25T00:00:00.000Z');
  assert.equal(parseExpiry('2w', now), '2026-12-08T12:00:00.000Z');
  assert.equal(parseExpiry('2026-12-31T10:00:00+02:00', now), '2026-12-31T08:00:00.000Z');
  assert.equal(parseExpiry('never', now), null);
  const day = new Date(parseExpiry('2026-12-31', now) ?? '');
  assert.deepEqual([day.getFullYear(), day.getMonth(), day.getDate(), day.getHours()], [2027, 0, 1, 0]);
  for (const text of ['tomorrow', '2026-02-31', '31', '', '2026-13-01', '0d']) {
    assert.throws(() => parseExpiry(text, now), { name: 'UsageError' }, text);
  }
});
