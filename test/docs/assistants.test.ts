import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { text } from 'node:stream/consumers';
import type { Simulator } from '../../simulator/index.ts';
import { startSimulator } from '../../simulator/index.ts';
import { freePort } from '../support/free-port.ts';
import { isolatedEnv, packageRoot } from '../support/ocp.ts';
import { commandsOf } from '../support/prompts.ts';
import { temporaryFolder } from '../support/temporary.ts';

/**
 * Follows the prompts of docs/assistants.md to the letter, each in a clean home: the commands are taken from the text, in their
 * order. The one for an upgrade is followed in the life of an OCP (test/cli/life.test.ts), where there is a release to go to.
 */

const skip = process.platform === 'darwin' ? 'macOS has launchd, which this would change' : false;

interface Said {
  readonly status: number;
  readonly out: string;
}

/** A machine: a home, and what a shell on it sees. At its end nothing of OCP runs on it. */
interface Place extends AsyncDisposable {
  readonly home: string;
  /** Runs a command of a prompt with these words put into it. */
  readonly follow: (command: string, words?: Readonly<Record<string, string>>) => Promise<Said>;
}

suite('the prompts for an assistant', { skip, timeout: 240_000, concurrency: false }, () => {
  let simulator: Simulator;
  before(async () => {
    simulator = await startSimulator({ minimumCacheTokens: 0 });
  });
  after(async () => simulator.close());

  function place(home: string, port: number): Place {
    mkdirSync(join(home, 'bin'), { recursive: true });
    mkdirSync(join(home, 'tmp'));
    // No systemd of whoever runs the tests: OCP then keeps a process of its own running.
    writeFileSync(join(home, 'bin/systemctl'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const { OCP_HOME: _usual, ...isolated } = isolatedEnv(home, simulator.url);
    const path = [join(home, 'bin'), packageRoot, dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter);
    const env = { ...isolated, PATH: path, TMPDIR: join(home, 'tmp') };
    const machine: Place = {
      home,
      // Before the home goes, which tells what runs.
      [Symbol.asyncDispose]: async () => void (await machine.follow('ocp uninstall --purge --yes')),
      async follow(command, words = {}) {
        const withPort = command
          .replace(/^\.\/ocp setup/u, `./ocp setup --port ${port}`)
          .replaceAll('SERVER:3456', `127.0.0.1:${port}`);
        const line = Object.entries(words).reduce((said, [word, value]) => said.replaceAll(word, value), withPort);
        const child = spawn('/bin/sh', ['-c', line], { cwd: packageRoot, env, stdio: ['ignore', 'pipe', 'pipe'] });
        const [[status], out, err] = await Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]);
        return { status: Number(status), out: `${out}${err}` };
      },
    };
    return machine;
  }

  async function mustFollow(where: Place, command: string, words?: Readonly<Record<string, string>>): Promise<string> {
    const { status, out } = await where.follow(command, words);
    assert.equal(status, 0, `${command}\n${out}`);
    return out;
  }

  test('one machine', async (t) => {
    await using machine = place(join(temporaryFolder(t), 'home'), await freePort());
    mkdirSync(join(machine.home, '.config/opencode'), { recursive: true });
    writeFileSync(join(machine.home, '.bashrc'), '# mine\n');
    const said: string[] = [];
    for (const command of commandsOf('One machine')) {
      said.push(await mustFollow(machine, command, { TOOLS: 'opencode,shell' }));
    }
    assert.equal(said.length, 5);
    assert.match(readFileSync(join(machine.home, '.bashrc'), 'utf8'), /OPENAI_BASE_URL/u);
    assert.match(readFileSync(join(machine.home, '.config/opencode/opencode.json'), 'utf8'), /127\.0\.0\.1/u);
  });

  test('a server, a machine that uses it, and repair', async (t) => {
    const port = await freePort();
    await using server = place(join(temporaryFolder(t), 'server'), port);
    let key = '';
    for (const command of commandsOf('A server for several machines')) {
      if (command.includes('doctor')) continue;
      const out = await mustFollow(server, command, { NAME: 'anna' });
      key = /ocp_[\w-]{32}/u.exec(out)?.[0] ?? key;
    }
    assert.notEqual(key, '');

    await using laptop = place(join(temporaryFolder(t), 'laptop'), port);
    writeFileSync(join(laptop.home, '.bashrc'), '# mine\n');
    const [health = '', connect = '', undo = '', ...more] = commandsOf('A machine that uses a server');
    assert.deepEqual(more, []);
    assert.match(await mustFollow(laptop, health), /"status":"ok"/u);
    await mustFollow(laptop, connect, { KEY: key });
    assert.match(readFileSync(join(laptop.home, '.bashrc'), 'utf8'), new RegExp(key, 'u'));
    await mustFollow(laptop, undo);
    assert.equal(readFileSync(join(laptop.home, '.bashrc'), 'utf8'), '# mine\n');

    await mustFollow(server, 'ocp stop');
    const [doctor = ''] = commandsOf('Repair');
    const { status, out } = await server.follow(doctor);
    assert.equal(status, 1, out);
    const report = JSON.parse(out) as {
      readonly next_action: {
        readonly kind: string;
        readonly ai_executable: readonly string[];
        readonly verify: string;
      };
    };
    assert.equal(report.next_action.kind, 'fix_service', out);
    for (const command of report.next_action.ai_executable) await mustFollow(server, command);
    const verified = await server.follow(report.next_action.verify);
    assert.doesNotMatch(verified.out, /FAIL\] service_running/u);
    assert.match(await mustFollow(laptop, health), /"status":"ok"/u);
  });
});
