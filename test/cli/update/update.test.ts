import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { z } from 'zod';
import { lockUpdates } from '../../../src/host/update/lock.ts';
import { installFrom, makeRemote } from '../../support/checkout.ts';
import { fakeClaude, writeScenario } from '../../support/fake-claude.ts';
import { freePort } from '../../support/free-port.ts';
import { git } from '../../support/git.ts';
import { runOcp } from '../../support/command.ts';
import type { Ended, Strike } from '../../support/run-program.ts';
import { runProgram } from '../../support/run-program.ts';
import { fakeExecutable, temporaryFolder } from '../../support/temporary.ts';

test('ocp update refuses what has no meaning, and goes back only when it is told to', async (t) => {
  const home = temporaryFolder(t);
  fakeExecutable(join(home, 'bin/systemctl'), 'exit 1');
  const env = { HOME: home, PATH: `${join(home, 'bin')}:/usr/bin:/bin` };
  for (const [words, message] of [
    [['--list'], /--list has a meaning only with --rollback/],
    [['somewhere'], /"somewhere" has a meaning only with --rollback/],
    [['--check', '--rollback'], /--check and --rollback do not go together/],
    [['--target', 'v1.2.3', '--prune'], /--target and --prune do not go together/],
    [['--json'], /--json has a meaning only with/],
    [['--target', 'the-next', '--dry-run'], /must be a version: v1\.2\.3/],
  ] as const) {
    const { status, err } = await runOcp(['update', ...words], { env });
    assert.equal(status, 2, words.join(' '));
    assert.match(err, message);
  }
  assert.match((await runOcp(['update', '--rollback', '--list'], { env })).out, /^There is no snapshot in .*\.ocp\.$/m);
  const none = await runOcp(['update', '--rollback', '--yes'], { env });
  assert.deepEqual([none.status, /there is no snapshot in .* to go back to/.test(none.err)], [1, true]);

  const lock = lockUpdates(join(home, '.ocp'));
  const second = await runOcp(['update', '--prune'], { env });
  assert.deepEqual([second.status, second.err], [1, 'ocp: another ocp update is at work; wait for its end\n']);
  lock[Symbol.dispose]();
  assert.equal((await runOcp(['update', '--prune'], { env })).status, 0);
});

const healthSchema = z.looseObject({ version: z.string(), status: z.string() });

async function health(url: string): Promise<readonly [string, string]> {
  const { version, status } = healthSchema.parse(await (await fetch(`${url}/health`)).json());
  return [version, status];
}

async function keyNames(url: string): Promise<readonly string[]> {
  const reply = (await (await fetch(`${url}/api/keys`)).json()) as { keys: { name: string }[] };
  return reply.keys.map(({ name }) => name).toSorted();
}

async function addKey(url: string, name: string): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const reply = await fetch(`${url}/api/keys`, { method: 'POST', headers, body: JSON.stringify({ name }) });
  assert.equal(reply.status, 201);
}

interface Site {
  readonly root: string;
  readonly url: string;
  /** Where the scenario of the scripted CLI lies. */
  readonly configDir: string;
  /** The snapshots that are there, the oldest first. */
  readonly snapshots: () => readonly string[];
  readonly run: (program: string, args: readonly string[], strike?: Strike) => Promise<Ended>;
}

/** This OCP as a checkout of a remote with two releases of it, with the scripted CLI; its server runs. */
async function site(t: TestContext): Promise<Site> {
  let stop = async (): Promise<unknown> => undefined;
  // Before the folder goes.
  t.after(async () => stop());
  const folder = temporaryFolder(t);
  const [root, home] = [join(folder, 'ocp'), join(folder, 'home')];
  const ocpHome = join(home, '.ocp');
  const remote = makeRemote(join(folder, 'remote.git'));
  remote.release('0.1.0');
  installFrom(remote, root);
  remote.release('0.2.0');
  fakeExecutable(join(folder, 'bin/systemctl'), 'exit 1');
  fakeExecutable(join(folder, 'bin/npm'), 'exit 0');
  const port = await freePort();
  const { binary, configDir } = fakeClaude(t, {});
  mkdirSync(ocpHome, { recursive: true, mode: 0o700 });
  const config = { CLAUDE_PROXY_PORT: port, CLAUDE_BIN: binary, CLAUDE_CONFIG_DIR: configDir, OCP_SPARES_MEMORY_MB: 0 };
  writeFileSync(join(ocpHome, 'config.json'), JSON.stringify(config));
  const path = `${join(folder, 'bin')}:/usr/bin:/bin`;
  const env = { HOME: home, PATH: path, GIT_CONFIG_GLOBAL: '/dev/null', TMPDIR: folder };
  const run: Site['run'] = async (program, args, strike) => runProgram(program, args, env, strike);
  stop = async () => run(join(root, 'ocp'), ['stop']);
  const url = `http://127.0.0.1:${port}`;
  const started = await run(join(root, 'ocp'), ['start']);
  assert.equal(started.code, 0, started.text);
  assert.deepEqual(await health(url), ['0.1.0', 'ok']);
  await addKey(url, 'before');
  return {
    root,
    url,
    configDir,
    snapshots: () =>
      readdirSync(ocpHome)
        .filter((name) => name.startsWith('upgrade-snapshot-'))
        .toSorted()
        .map((name) => join(ocpHome, name)),
    run,
  };
}

const skip = process.platform === 'darwin' ? 'macOS has launchd' : false;
const timeout = 600_000;

test('an update of this OCP', { skip, timeout }, async (t) => {
  const { root, url, configDir, snapshots, run } = await site(t);
  const ocp = join(root, 'ocp');

  await t.test(
    'killed at each of its steps leaves a server that works, or the command that brings it back',
    async () => {
      /** Kills `ocp update …` when it says that. */
      const killed = async (at: string, ...words: readonly string[]): Promise<string> => {
        const { code, text } = await run(ocp, ['update', ...words, '--yes'], { at, signal: 'SIGKILL' });
        assert.equal(code, null, text);
        return text;
      };
      const assertAt = async (version: string, keys: readonly string[] = ['before']): Promise<void> => {
        assert.deepEqual(await health(url), [version, 'ok']);
        assert.deepEqual(await keyNames(url), keys);
        assert.equal(git(root, 'describe', '--tags'), `v${version}`);
        assert.equal(git(root, 'status', '--porcelain', '--untracked-files=no'), '');
      };
      /** The command that needs no OCP. */
      const restore = async (snapshot = snapshots().at(-1) ?? ''): Promise<void> => {
        const { code, text } = await run('/bin/sh', [join(snapshot, 'restore.sh')]);
        assert.equal(code, 0, text);
      };

      const plan = await run(ocp, ['update', '--dry-run']);
      assert.ok(plan.code === 0 && plan.text.split('\n').every((line) => line.startsWith('[plan] ')), plan.text);
      // Up to here nothing has changed, and the next one begins anew.
      for (const step of ['Fetching v0.2.0', 'Preparing v0.2.0', 'Keeping a snapshot']) {
        await killed(step);
        await assertAt('0.1.0');
      }
      const begun = await killed('Putting v0.2.0 in place', '--turn');
      assert.match(begun, /ocp update finishes it, sh .*restore\.sh undoes it/u);
      assert.deepEqual(await health(url), ['0.1.0', 'ok']);
      await killed('Restarting the server');

      // It is finished as it was asked for: with a real answer, which fails. So the version before is back.
      writeScenario(configDir, { exit: { at: 'query' } });
      const failed = await run(ocp, ['update']);
      assert.equal(failed.code, 1, failed.text);
      assert.match(
        failed.text,
        /^ocp: the update to 0\.2\.0 failed, and OCP 0\.1\.0 is back: a real request was answered with 5\d\d/mu,
      );
      writeScenario(configDir, {});
      await assertAt('0.1.0');

      await killed('Checking the new server');
      const finished = await run(ocp, ['update']);
      assert.equal(finished.code, 0, finished.text);
      await assertAt('0.2.0');
      await addKey(url, 'since');

      await killed('Stopping the server', '--rollback');
      await killed('Putting OCP 0.1.0 back', '--rollback');
      await killed('Starting the server', '--rollback');
      await killed('Checking the server', '--rollback');
      await restore();
      await assertAt('0.1.0', ['before', 'since']);
    },
  );

  await t.test('told to stop changes nothing before the exchange, and goes back by itself behind it', async () => {
    const before = snapshots();
    const early = await run(ocp, ['update', '--yes'], { at: 'Preparing v0.2.0', signal: 'SIGTERM' });
    assert.equal(early.code, 1, early.text);
    assert.deepEqual([await health(url), snapshots()], [['0.1.0', 'ok'], before]);

    // Ctrl-C reaches all that the update has started as well.
    const late = await run(ocp, ['update', '--yes'], { at: 'Restarting the server', signal: 'SIGINT', group: true });
    assert.equal(late.code, 1, late.text);
    assert.match(late.text, /^ocp: the update to 0\.2\.0 failed, and OCP 0\.1\.0 is back: /mu);
    assert.deepEqual(
      [await health(url), await keyNames(url)],
      [
        ['0.1.0', 'ok'],
        ['before', 'since'],
      ],
    );
    assert.equal(git(root, 'describe', '--tags'), 'v0.1.0');

    assert.match((await run(ocp, ['update', '--prune'])).text, /Kept the newest/u);
    assert.equal(snapshots().length, 1);
  });
});
