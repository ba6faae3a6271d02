import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { Cli } from './support/cli.ts';
import { lineOf, textOf } from './support/cli.ts';
import { startProxy, startSecure } from './support/proxy.ts';
import { isNotOfAnAnswer, openSite } from './support/site.ts';
import type { RequestRecord } from '../../simulator/index.ts';
import type { Site, StartOptions } from './support/site.ts';
import { asked, bodyOf, setUp, tool } from './support/told.ts';

suite('the environment', { concurrency: 2 }, () => {
  let site: Site;
  before(async () => {
    site = await openSite();
    mkdirSync(join(site.home, 'config'), { recursive: true });
    writeFileSync(join(site.home, 'config', 'CLAUDE.md'), 'canary-of-the-memory');
    writeFileSync(
      join(site.home, 'config', 'settings.json'),
      JSON.stringify({
        env: { ANTHROPIC_BASE_URL: 'http://127.0.0.1:9', CLAUDE_CODE_MAX_OUTPUT_TOKENS: '321' },
        permissions: { defaultMode: 'acceptEdits' },
      }),
    );
  });
  after(async () => site[Symbol.asyncDispose]());

  async function answered(options: StartOptions = {}, text = 'hello'): Promise<Cli> {
    const cli = site.start(options);
    cli.answerHooks();
    await setUp(cli, { tools: [tool('Bash'), tool('look')] });
    const lines = await cli.turn(asked(`${text} in ${cli.cwd}`));
    assert.equal(lineOf(lines, 'result')?.['is_error'], false, JSON.stringify(lineOf(lines, 'result')));
    return cli;
  }

  const requestOf = (cli: Cli): RequestRecord | undefined =>
    site.simulator.log.messages().find(({ body }) => JSON.stringify(body).includes(cli.cwd));

  test('`--setting-sources=` keeps settings and CLAUDE.md of the operator out', async () => {
    const cli = await answered();
    const body = bodyOf(requestOf(cli));
    assert.ok(!JSON.stringify(body).includes('canary-of-the-memory'));
    assert.notEqual(body['max_tokens'], 321);
  });

  test('with the settings of the operator, `--settings` is above their env and CLAUDE.md is read', async () => {
    const file = join(site.home, 'own.json');
    writeFileSync(file, JSON.stringify({ env: { ANTHROPIC_BASE_URL: site.simulator.url, ANTHROPIC_AUTH_TOKEN: '' } }));
    const powers = { tools: [], skipPermissions: false, withContext: true };
    const cli = await answered({
      powers,
      args: [`--settings=${file}`],
      env: { CLAUDE_CODE_DISABLE_CLAUDE_MDS: undefined, CLAUDE_CODE_DISABLE_AUTO_MEMORY: undefined },
    });
    assert.ok(JSON.stringify(bodyOf(requestOf(cli))).includes('canary-of-the-memory'));
    const without = await answered({ powers, args: [`--settings=${file}`] });
    assert.ok(!JSON.stringify(bodyOf(requestOf(without))).includes('canary-of-the-memory'));
  });

  test('`--permission-mode=default` stands, whatever mode the settings or the CLI itself would take', async () => {
    const settings = `--settings=${JSON.stringify({ env: { ANTHROPIC_BASE_URL: site.simulator.url } })}`;
    for (const powers of [undefined, { tools: [], skipPermissions: false, withContext: true }]) {
      const cli = await answered({ args: [settings], ...(powers === undefined ? {} : { powers }) });
      assert.equal(lineOf(cli.lines, 'system', 'init')?.['permissionMode'], 'default');
    }
  });

  test('without CLAUDE_CONFIG_DIR the CLI keeps its things below HOME', async () => {
    const cli = await answered({ env: { CLAUDE_CONFIG_DIR: undefined } });
    await cli.finish();
    const found = readdirSync(site.home).filter((name) => name.startsWith('.claude'));
    assert.ok(found.length > 0, String(readdirSync(site.home)));
  });

  test('temporary files go where CLAUDE_CODE_TMPDIR says', async () => {
    const folder = join(site.home, 'tmp-of-this-test');
    mkdirSync(folder);
    const cli = site.start({
      env: { CLAUDE_CODE_TMPDIR: folder, TMPDIR: folder },
      powers: { tools: ['Bash'], skipPermissions: false, withContext: false },
    });
    await setUp(cli);
    cli.answerHooks();
    const from = cli.lines.length;
    cli.tell(asked('[[tool:Bash {"command":"true","description":"nothing"}]]'));
    const permission = await Promise.race([
      cli.question('can_use_tool', from),
      cli.line((line) => line['type'] === 'result', from),
    ]);
    assert.ok(readdirSync(folder).length > 0, 'nothing was put there');
    if (permission['type'] === 'control_request') cli.reply(permission, { behavior: 'deny', message: 'no' });
  });

  test('no note of the CLI’s own gets beside a client’s tools, and no other tool', async () => {
    const cli = await answered();
    const body = bodyOf(requestOf(cli));
    const names = (body['tools'] as readonly { name: string }[]).map(({ name }) => name);
    assert.deepEqual(names.toSorted(), ['Bash', 'look']);
    const text = JSON.stringify(body);
    for (const word of ['git commit', 'ToolSearch', 'auto memory']) {
      assert.ok(!text.includes(word), `a note about ${word}`);
    }
  });

  test('nobody is called but the Messages endpoint of ANTHROPIC_BASE_URL', () => {
    const others = site.simulator.log.all.filter(isNotOfAnAnswer);
    assert.equal(others.map(({ method, path }) => `${method} ${path}`).join(', '), '');
  });

  test('ANTHROPIC_AUTH_TOKEN is a login of its own, sent as a bearer token', async () => {
    const cli = await answered({ login: { ANTHROPIC_AUTH_TOKEN: 'token-of-a-gateway' } });
    assert.equal(requestOf(cli)?.headers['authorization'], 'Bearer token-of-a-gateway');
  });

  for (const variable of ['HTTP_PROXY', 'http_proxy'] as const) {
    test(`a proxy of ${variable} is used, except for hosts of ${variable === 'HTTP_PROXY' ? 'NO_PROXY' : 'no_proxy'}`, async () => {
      const proxy = await startProxy(site.simulator.url);
      try {
        const cli = await answered({ env: { ANTHROPIC_BASE_URL: 'http://api.test', [variable]: proxy.url } });
        assert.ok(
          proxy.seen.some((url) => url.startsWith('http://api.test')),
          String(proxy.seen),
        );
        assert.ok(requestOf(cli) !== undefined);
        const count = proxy.seen.length;
        const except = variable === 'HTTP_PROXY' ? 'NO_PROXY' : 'no_proxy';
        await answered({ env: { [variable]: proxy.url, [except]: '127.0.0.1' } });
        assert.equal(proxy.seen.length, count, 'the proxy was used for an excepted host');
      } finally {
        proxy.close();
      }
    });
  }

  for (const variable of ['HTTPS_PROXY', 'https_proxy'] as const) {
    test(`a proxy of ${variable} is asked for a tunnel`, async () => {
      const proxy = await startProxy(site.simulator.url);
      try {
        const cli = site.start({
          env: { ANTHROPIC_BASE_URL: 'https://api.test', [variable]: proxy.url, CLAUDE_CODE_MAX_RETRIES: '0' },
        });
        await setUp(cli);
        const lines = await cli.turn(asked('hello'));
        assert.equal(lineOf(lines, 'result')?.['is_error'], true);
        assert.equal(textOf(lines), '');
        assert.ok(proxy.seen.includes('CONNECT api.test:443'), String(proxy.seen));
      } finally {
        proxy.close();
      }
    });
  }

  test('a certificate of NODE_EXTRA_CA_CERTS is trusted', async (t) => {
    const secure = await startSecure(site.simulator.url, site.home);
    if (secure === undefined) {
      t.skip('there is no openssl');
      return;
    }
    try {
      const env = { ANTHROPIC_BASE_URL: secure.url, CLAUDE_CODE_MAX_RETRIES: '0' };
      const cli = site.start({ env });
      await setUp(cli);
      assert.equal(lineOf(await cli.turn(asked('hello')), 'result')?.['is_error'], true);
      await answered({ env: { ...env, NODE_EXTRA_CA_CERTS: secure.certificate } });
      assert.ok(secure.seen.some((path) => path.startsWith('/v1/messages')));
    } finally {
      secure.close();
    }
  });
});
