import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { asAdmin, newKey, startMulti } from '../../support/admin.ts';
import { fakeClaudeBinary } from '../../support/fake-claude.ts';
import type { Ocp } from '../../support/ocp.ts';

/** What is no whole number from 0 on, as JSON writes it. */
const bad = ['2.5', '-1', '1e300', '1e400', '"five"', '"NaN"', 'true', '[]', '{}', '9007199254740993.5'];
const windows = ['daily', 'weekly', 'monthly'];

suite('numbers that the admin gives', { timeout: 60_000 }, () => {
  let ocp: Ocp;
  before(async () => {
    ocp = await startMulti({ env: { CLAUDE_BIN: fakeClaudeBinary } });
    await newKey(ocp, { name: 'anna' });
  });
  after(async () => ocp[Symbol.asyncDispose]());

  const nested = (path: string, value: string): string =>
    path
      .split('.')
      .toReversed()
      .reduce((inner, name) => `{"${name}":${inner}}`, value);
  const wholeNumbers = [
    ...['timeout', 'maxConcurrent', 'sessionTTL', 'maxPromptChars', 'cacheTTL'].map((name) => [
      'PATCH',
      '/settings',
      name,
    ]),
    ...windows.map((name) => ['PATCH', '/api/keys/anna/quota', name]),
    ...['requests', 'tokens'].flatMap((kind) =>
      windows.map((name) => ['PATCH', '/api/keys/anna', `limits.${kind}.${name}`]),
    ),
    ...['requestsPerMinute', 'concurrentTurns'].map((name) => ['PATCH', '/api/keys/anna', `limits.${name}`]),
    ['POST', '/api/keys/anna/rotate', 'overlapMs'],
  ] as [string, string, string][];

  for (const [method, path, field] of wholeNumbers) {
    test(`${field} of ${path} is a whole number, or is refused by its name`, async () => {
      for (const value of bad) {
        const { status, text } = await asAdmin(ocp, method, path, nested(field, value));
        assert.equal(status, 400, `${field} ${value}: ${text}`);
        assert.ok(text.includes(field.split('.').at(-1) ?? field), text);
      }
    });
  }

  test('an amount of USD is one that somebody could have', async () => {
    for (const window of windows) {
      for (const value of ['-0.01', '1e300', '1e400', '"5"', 'true', '[]']) {
        const { status, text } = await asAdmin(ocp, 'PATCH', '/api/keys/anna', nested(`limits.usd.${window}`, value));
        assert.equal(status, 400, `${value}: ${text}`);
        assert.ok(text.includes(`limits.usd.${window}`), text);
      }
      assert.equal((await asAdmin(ocp, 'PATCH', '/api/keys/anna', nested(`limits.usd.${window}`, '2.5'))).status, 200);
    }
  });
});
