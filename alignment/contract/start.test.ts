import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { workerArguments } from '../../src/claude/arguments.ts';
import { apiKey, isNotOfAnAnswer, openSite, subscription } from './support/site.ts';
import type { Site } from './support/site.ts';

suite('starting', { concurrency: 2 }, () => {
  let site: Site;
  before(async () => {
    site = await openSite();
  });
  after(async () => site[Symbol.asyncDispose]());

  test('`--version` tells the version first', async () => {
    const { code, stdout } = await site.run(['--version']);
    assert.equal(code, 0);
    assert.match(stdout.trim(), /^\d+\.\d+\.\d+/);
  });

  test('`auth status` tells in JSON whether there is a login, and of which kind', async () => {
    const status = async (login: Readonly<Record<string, string>>): Promise<unknown> => {
      const { code, stdout } = await site.run(['auth', 'status'], login);
      const { loggedIn, authMethod } = JSON.parse(stdout) as Record<string, unknown>;
      return [code, loggedIn, authMethod];
    };
    assert.deepEqual(await status({}), [1, false, 'none']);
    assert.deepEqual(await status(apiKey), [0, true, 'api_key']);
    assert.deepEqual(await status(subscription), [0, true, 'oauth_token']);
    assert.equal(calledOf(site), '');
  });

  test('all flags of a worker are known', async () => {
    const cli = site.start({ onlyArgs: workerArguments('claude-sonnet-4-6') });
    assert.match(String((await cli.ask({ subtype: 'get_binary_version' }))['version']), /^\d+\.\d+\.\d+/);
    const code = await cli.finish();
    assert.equal(code, 0, cli.stderr);
    assert.deepEqual(readdirSync(cli.cwd), [], 'it wrote into its working directory');
  });

  test('a flag that it does not know ends the CLI with an error', async () => {
    const cli = site.start({ args: ['--of-tomorrow=1'] });
    assert.notEqual(await cli.finish(), 0);
    assert.match(cli.stderr, /unknown option '?--of-tomorrow/);
  });

  test('a worker that is told nothing calls nobody and leaves no session behind', async () => {
    const cli = site.start();
    await cli.ask({ subtype: 'get_binary_version' });
    assert.equal(await cli.finish(), 0);
    assert.equal(calledOf(site), '');
    const projects = join(site.home, 'config', 'projects');
    assert.deepEqual(readdirSync(join(site.home, 'config')).includes('projects') ? readdirSync(projects) : [], []);
  });

  test('a question that the CLI does not know is refused by name', async () => {
    const cli = site.start();
    await assert.rejects(cli.ask({ subtype: 'of_tomorrow' }), /of_tomorrow/);
  });
});

function calledOf(site: Site): string {
  return site.simulator.log.all
    .filter(isNotOfAnAnswer)
    .map(({ method, path }) => `${method} ${path}`)
    .join(', ');
}
