import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { suite, test } from 'node:test';
import { until } from '../support/processes.ts';
import { createSite, launch } from '../support/serve-process.ts';

/** Nothing listens there; these starts never come so far. */
const nowhere = 'http://127.0.0.1:9';

suite('a start that cannot succeed', { timeout: 240_000 }, () => {
  test('because the port is in use says so in one line, ends with 1, and leaves nothing', async (t) => {
    const other = createServer().listen(0, '127.0.0.1');
    t.after(() => other.close());
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const site = createSite(t, nowhere, { CLAUDE_PROXY_PORT: String(port) });
    const { code, stdout, stderr } = await launch(site).ended;
    assert.equal(code, 1);
    assert.equal(stderr.length, 1, stderr.join('\n'));
    assert.match(stderr[0] ?? '', new RegExp(`^ocp: CLAUDE_PROXY_PORT: .*${port}.*in use by .*${process.pid}`, 'u'));
    assert.doesNotMatch(stderr[0] ?? '', /EADDRINUSE/u);
    assert.deepEqual(stdout, []);
    assert.deepEqual([site.processes(), site.runFolders()], [[], []]);
  });

  for (const [name, value] of [
    ['CLAUDE_PROXY_PORT', 'eighty'],
    ['CLAUDE_TIMEOUT', '-1'],
    ['CLAUDE_BIND', '0.0.0.0'],
    ['CLAUDE_AUTH_MODE', 'shared'],
    ['CLAUDE_BIN', '/nowhere/claude'],
    ['OCP_DEFAULT_MODEL', 'no such model'],
  ] as const) {
    test(`because of a wrong ${name} says which in one line and ends with 2`, async (t) => {
      const site = createSite(t, nowhere, { [name]: value });
      const { code, stdout, stderr } = await launch(site).ended;
      assert.equal(code, 2, stderr.join('\n'));
      assert.equal(stderr.length, 1, stderr.join('\n'));
      const named = name === 'CLAUDE_AUTH_MODE' ? 'PROXY_API_KEY' : name;
      assert.match(stderr[0] ?? '', new RegExp(`^ocp: .*${named}`, 'u'));
      assert.deepEqual(stdout, []);
      assert.deepEqual(
        readdirSync(site.temporary).filter((entry) => entry.startsWith('w-')),
        [],
      );
    });
  }

  for (const [name, value, words] of [
    ['OCP_HOME', '/proc/ocp/home', /cannot be made/u],
    ['OCP_HOME', '/dev/null/home', /is no folder/u],
    ['OCP_HOME', '/sys/ocp', /cannot be/u],
    ['TMPDIR', '/nowhere/tmp', /does not exist/u],
    ['TMPDIR', '/dev/null', /is no folder/u],
    ['TMPDIR', '/proc', /cannot be/u],
    ['CLAUDE_BIND', '203.0.113.7', /no address/u],
  ] as const) {
    test(`because ${name} is ${value} says what is wrong in one line`, async (t) => {
      const site = createSite(t, nowhere, { [name]: value, CLAUDE_AUTH_MODE: 'shared', PROXY_API_KEY: 'k'.repeat(40) });
      const { code, stdout, stderr } = await launch(site).ended;
      assert.ok(code === 1 || code === 2, stderr.join('\n'));
      assert.equal(stderr.length, 1, stderr.join('\n'));
      assert.match(stderr[0] ?? '', new RegExp(`^ocp: ${name}: .*${value}`, 'u'));
      assert.match(stderr[0] ?? '', words);
      assert.doesNotMatch(stderr[0] ?? '', /E[A-Z]{4,}|at .*\.ts/u);
      assert.deepEqual([stdout, site.processes()], [[], []]);
    });
  }

  test('because it is stopped while it starts ends without a word and leaves nothing', async (t) => {
    const site = createSite(t, nowhere);
    const { child, ended } = launch(site);
    // Long before it can listen: the CLI is being asked for its version.
    await until(() => site.processes().some(({ role }) => role === 'question'));
    child.kill('SIGTERM');
    const { code, stdout, stderr } = await ended;
    assert.deepEqual([code, stdout, stderr], [0, [], []]);
    assert.deepEqual([site.processes(), site.runFolders()], [[], []]);
  });
});
