import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { readResults } from '../../alignment/matrix/results.ts';
import { capabilities, capabilityWarnings, missingCapabilities } from '../../src/claude/capabilities.ts';
import { MINIMUM_CLAUDE_VERSION, compareVersions } from '../../src/claude/version.ts';
import { fakeClaude } from '../support/fake-claude.ts';
import type { Scenario } from '../support/fake-claude/scenario.ts';
import { startOcp } from '../support/ocp.ts';

/** The contract test that shows each capability. */
const shownBy: Readonly<Record<keyof typeof capabilities, string>> = {
  countTokens: 'the context: is counted by `get_context_usage`, without a call of the Messages endpoint',
  toolManifests:
    'tools of a client: are taken over with the set-up, under their own names and without a further question',
};

suite('capabilities of the CLI', () => {
  const supported = readResults().filter(({ version }) => compareVersions(version, MINIMUM_CLAUDE_VERSION) >= 0);

  test('begin with the oldest version that was seen to have them', () => {
    for (const [name, { since }] of Object.entries(capabilities)) {
      const title = shownBy[name as keyof typeof capabilities];
      const having = supported.filter(({ tests }) => tests[title] === null).map(({ version }) => version);
      const lacking = supported.filter(({ tests }) => tests[title] !== null).map(({ version }) => version);
      assert.equal(having.toSorted(compareVersions)[0], since, name);
      assert.ok(
        lacking.every((version) => compareVersions(version, since) < 0),
        `${name}: ${lacking.join(', ')}`,
      );
    }
  });

  test('are all that supported versions lack', () => {
    const known = new Set(Object.values(shownBy));
    for (const { version, tests, missingFlags } of supported) {
      const failed = Object.entries(tests).flatMap(([title, reason]) =>
        reason === null || known.has(title) ? [] : [title],
      );
      assert.deepEqual(failed, [], version);
      assert.deepEqual(missingFlags, [], version);
    }
  });

  test('are not about what makes a version safe: the smallest version is the oldest one that is', () => {
    const safe = 'an answer: `client_composed` keeps paths and commands in a client’s text plain text';
    const tried = readResults().toSorted((a, b) => compareVersions(a.version, b.version));
    const oldest = tried.find(({ version }) => compareVersions(version, MINIMUM_CLAUDE_VERSION) >= 0);
    const before = tried.findLast(({ version }) => compareVersions(version, MINIMUM_CLAUDE_VERSION) < 0);
    assert.equal(oldest?.version, MINIMUM_CLAUDE_VERSION);
    assert.ok(supported.every(({ tests }) => tests[safe] === null));
    assert.notEqual(before?.tests[safe], null, 'an older version is safe as well');
  });

  test('are told one by one, and not where nothing is missing', () => {
    assert.equal(missingCapabilities(MINIMUM_CLAUDE_VERSION).length, Object.keys(capabilities).length);
    assert.match(
      capabilityWarnings(MINIMUM_CLAUDE_VERSION).join('\n'),
      /older than .*: tokens of a request cannot be counted/,
    );
    assert.deepEqual(capabilityWarnings('2.1.330'), []);
  });
});

test('a CLI that cannot count tokens is named in the log, and a request to count is refused', async (t) => {
  const scenario: Scenario = { version: MINIMUM_CLAUDE_VERSION, oldContextUsage: true };
  const cli = fakeClaude(t, scenario);
  await using ocp = await startOcp({ env: { CLAUDE_BIN: cli.binary, CLAUDE_CONFIG_DIR: cli.configDir } });
  assert.ok(ocp.log.some((line) => line.includes('cli_lacks') && line.includes('cannot be counted')));
  const body = { model: 'sonnet', messages: [{ role: 'user', content: 'hi' }] };
  const count = async (): Promise<Response> =>
    fetch(`${ocp.url}/v1/messages/count_tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const refused = await count();
  assert.equal(refused.status, 503);
  assert.match(await refused.text(), /cannot count tokens. It has to be 2\.1\.\d+ or newer/);
  const answered = await fetch(`${ocp.url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...body, max_tokens: 10 }),
  });
  assert.equal(answered.status, 200);
});

test('a CLI of today counts, and nothing is said of it', async (t) => {
  const cli = fakeClaude(t, {});
  await using ocp = await startOcp({ env: { CLAUDE_BIN: cli.binary, CLAUDE_CONFIG_DIR: cli.configDir } });
  assert.ok(!ocp.log.some((line) => line.includes('cli_lacks')));
  const reply = await fetch(`${ocp.url}/v1/messages/count_tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'sonnet', messages: [{ role: 'user', content: 'hi' }] }),
  });
  assert.deepEqual(await reply.json(), { input_tokens: 10 });
});
