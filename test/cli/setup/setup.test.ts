import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { suite, test } from 'node:test';
import type { CommandIo } from '../../../src/cli/command.ts';
import { commands } from '../../../src/cli/commands.ts';
import { dispatch } from '../../../src/cli/dispatch.ts';
import type { Asker } from '../../../src/cli/setup/ask.ts';
import { nextSteps } from '../../../src/cli/setup/next-steps.ts';
import type { SetupOptions } from '../../../src/cli/setup/decide.ts';
import { setUp } from '../../../src/cli/setup/setup.ts';
import { systemdUnitPath } from '../../../src/host/service/systemd.ts';
import { unitVariables } from '../../../src/host/service/systemd-unit.ts';
import { command } from '../../../src/cli/command.ts';
import { freePort } from '../../support/free-port.ts';
import type { RecordedMachine, RecordedOptions } from '../../support/machine.ts';
import { recordedMachine } from '../../support/machine.ts';
import { packageRoot } from '../../support/ocp.ts';
import { fakeExecutable } from '../../support/temporary.ts';

/** A CLI that is logged in where its environment has a token, or a login was made. */
const claude = `
case "$1" in
  --version) echo '2.1.330 (Claude Code)' ;;
  setup-token) echo 'the token is shown here' ;;
  auth) case "$2" in
    login) : > "$HOME/logged-in" ;;
    status) if [ -n "$CLAUDE_CODE_OAUTH_TOKEN" ]; then echo '{"loggedIn":true,"authMethod":"oauth_token"}'
      elif [ -f "$HOME/logged-in" ]; then echo '{"loggedIn":true,"authMethod":"claude.ai"}'
      else echo '{"loggedIn":false,"authMethod":"none"}'; exit 1; fi ;;
  esac ;;
esac`;

interface Bench {
  readonly machine: RecordedMachine;
  readonly run: (
    options: SetupOptions,
    ask?: Asker,
  ) => Promise<{ readonly status: number; readonly out: string; readonly err: string }>;
  readonly config: () => unknown;
}

function bench(t: TestContext, options: RecordedOptions = {}): Bench {
  const recorded = recordedMachine(t, options);
  fakeExecutable(join(recorded.home, '.local/bin/claude'), claude);
  const machine = { ...recorded, env: { PATH: `${recorded.home}/.local/bin:/usr/bin:/bin`, ...recorded.env } };
  return {
    machine,
    run: async (flags, ask) => {
      const out: string[] = [];
      const err: string[] = [];
      const io: CommandIo = {
        stdout: (line) => void out.push(line),
        write: (text) => void out.push(text),
        stderr: (line) => void err.push(line),
        signal: machine.signal,
      };
      const setup = command({ summary: '', run: async () => setUp({ options: flags, machine, io, ask }) });
      const status = await dispatch(['setup'], { setup }, { env: machine.env, packageRoot, io });
      return { status, out: out.join('\n'), err: err.join('\n') };
    },
    config: () => JSON.parse(readFileSync(join(machine.ocpHome, 'config.json'), 'utf8')),
  };
}

/** Somebody who gives these answers, in their order, and must be asked for all of them. */
function answering(...answers: readonly (string | boolean)[]): Asker & { readonly questions: string[] } {
  const left = [...answers];
  const questions: string[] = [];
  const next = (question: string): string | boolean => {
    questions.push(question);
    const answer = left.shift();
    assert.ok(answer !== undefined, `nobody expected the question ${question}`);
    return answer;
  };
  return {
    questions,
    choose: async (question, choices) => {
      const answer = next(question);
      const found = choices.find(({ value }) => value === answer);
      assert.ok(found !== undefined, `${question} has no choice ${String(answer)}`);
      return found.value;
    },
    confirm: async (question) => Boolean(next(question)),
    secret: async (question) => String(next(question)),
  };
}

const linger = { 'loginctl show-user': { stdout: 'Linger=no\n' } };

suite('ocp setup', () => {
  test('refuses a new secret that could be guessed, and only tells of one that is in use', async (t) => {
    const { machine, run } = bench(t, { answers: linger, env: { OCP_ADMIN_KEY: 'elevenchars' } });
    const options = { yes: true, 'no-start': true, port: String(await freePort()) };
    const refused = await run(options);
    assert.equal(refused.status, 1);
    assert.match(refused.err, /OCP_ADMIN_KEY is shorter than 12 characters/u);
    mkdirSync(machine.ocpHome, { recursive: true });
    writeFileSync(join(machine.ocpHome, 'admin-key'), 'elevenchars\n');
    const { status, out } = await run(options);
    assert.equal(status, 0);
    assert.match(out, /^! OCP_ADMIN_KEY is shorter than 12 characters/mu);
  });

  test('installs a service of systemd that runs on without a login', async (t) => {
    const { machine, run, config } = bench(t, {
      answers: linger,
      env: { PROXY_ANONYMOUS_KEY: 'open', OCP_ADMIN_KEY: 'mine-and-long' },
    });
    const port = await freePort();
    const { status, out } = await run({
      yes: true,
      'no-start': true,
      bind: '0.0.0.0',
      'auth-mode': 'multi',
      port: String(port),
    });
    assert.equal(status, 0);
    assert.match(out, /^! taken from your environment into config\.json: PROXY_ANONYMOUS_KEY$/mu);
    assert.deepEqual(config(), {
      CLAUDE_PROXY_PORT: port,
      CLAUDE_BIND: '0.0.0.0',
      CLAUDE_AUTH_MODE: 'multi',
      PROXY_ANONYMOUS_KEY: 'open',
    });
    const unit = unitVariables(readFileSync(systemdUnitPath(machine), 'utf8'));
    assert.deepEqual(Object.keys(unit), ['PATH'], 'the definition has a copy of the configuration');
    assert.equal(readFileSync(join(machine.ocpHome, 'admin-key'), 'utf8'), 'mine-and-long\n');
    assert.deepEqual(
      machine.calls.filter((line) => / (?:enable|start|restart|enable-linger)\b/u.test(line)),
      ['systemctl --user enable ocp-proxy.service', 'loginctl enable-linger someone'],
    );
  });

  test('makes OCP known to OpenClaw where that is, under the name and with the model that are asked for', async (t) => {
    const { machine, run } = bench(t, { answers: linger });
    const port = String(await freePort());
    const file = join(machine.home, '.openclaw/openclaw.json');
    const before = '{ gateway: { mode: "local" } } // mine\n';
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, before);
    const flags = { yes: true, 'no-start': true, port, 'provider-name': 'mine', 'default-model': 'haiku' };
    const dry = await run({ ...flags, 'dry-run': true });
    assert.match(dry.out, /openclaw\.json would name OCP as mine/u);
    assert.equal(readFileSync(file, 'utf8'), before);
    const { out } = await run(flags);
    assert.match(out, /^✓ .*openclaw\.json names OCP as mine; before: .*\.bak\.\d+$/mu);
    const text = readFileSync(file, 'utf8');
    assert.match(text, new RegExp(`"?mine"?: \\{[^]*"?baseUrl"?: ["']http://127\\.0\\.0\\.1:${port}/v1["']`, 'u'));
    assert.match(text, /["']mine\/claude-haiku-[^"']+["']/u);
    assert.ok(text.endsWith('// mine\n'));
    // Known by another name already: left as it is.
    const again = await run({ yes: true, 'no-start': true });
    assert.doesNotMatch(again.out, /openclaw/iu);
    assert.equal(readFileSync(file, 'utf8'), text);
    writeFileSync(file, '{ broken');
    assert.match((await run({ yes: true, 'no-start': true })).out, /! OpenClaw's configuration was left alone: /u);
  });

  test('asks who uses it, offers to log in, and does only what is agreed to', async (t) => {
    const { machine, run, config } = bench(t, { answers: linger });
    const ask = answering('multi', 'login', false, false);
    const { status, out } = await run({ 'no-start': true, port: String(await freePort()) }, ask);
    assert.equal(status, 0);
    assert.match(out, /^✓ Claude is logged in \(claude\.ai\)$/mu);
    assert.equal(ask.questions.length, 4);
    const { CLAUDE_BIND: bind, CLAUDE_AUTH_MODE: mode } = config() as Record<string, unknown>;
    assert.deepEqual([bind, mode], ['0.0.0.0', 'multi']);
    assert.ok(!existsSync(join(machine.home, '.local/bin/ocp')));
    assert.ok(!machine.calls.some((line) => line.includes('enable-linger')));
  });

  test('keeps the token of claude setup-token for the service', async (t) => {
    const { run, config, machine } = bench(t);
    const token = 'sk-ant-oat01-a-long-token';
    const { status, out } = await run(
      { 'no-start': true, port: String(await freePort()) },
      answering('local', 'token', token, false, false),
    );
    assert.equal(status, 0);
    assert.match(out, /^✓ Claude is logged in \(oauth_token\)$/mu);
    assert.ok(!out.includes(token));
    assert.equal((config() as Record<string, unknown>)['CLAUDE_CODE_OAUTH_TOKEN'], undefined);
    const path = join(machine.ocpHome, 'login.json');
    assert.match(readFileSync(path, 'utf8'), new RegExp(token, 'u'));
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  test('tells whoever cannot be asked that Claude is not logged in', async (t) => {
    const { run } = bench(t);
    const { out } = await run({ yes: true, 'no-start': true, port: String(await freePort()) });
    assert.match(out, /^! Claude is not logged in: run `claude auth login`; without a browser `claude setup-token`/mu);
  });

  test('makes the key that the mode shared needs, and shows it once', async (t) => {
    const { run, config } = bench(t);
    const flags = {
      yes: true,
      'no-service': true,
      bind: '0.0.0.0',
      'auth-mode': 'shared',
      port: String(await freePort()),
    };
    const key = /the key for other devices: (ocp_[\w-]{32}) /u.exec((await run(flags)).out)?.[1];
    assert.ok(key !== undefined);
    assert.equal((config() as Record<string, unknown>)['PROXY_API_KEY'], key);
    assert.ok(!(await run(flags)).out.includes(key));
    assert.equal((config() as Record<string, unknown>)['PROXY_API_KEY'], key);
  });

  test('takes over what an installed unit says', async (t) => {
    const { machine, run, config } = bench(t);
    const port = await freePort();
    mkdirSync(dirname(systemdUnitPath(machine)), { recursive: true });
    writeFileSync(
      systemdUnitPath(machine),
      `[Service]\nEnvironment=CLAUDE_PROXY_PORT=${port}\nEnvironment=CLAUDE_AUTH_MODE=multi\nEnvironment=MY_OWN=1\n`,
    );
    await run({ yes: true, 'no-start': true });
    assert.deepEqual(config(), { CLAUDE_PROXY_PORT: port, CLAUDE_BIND: '127.0.0.1', CLAUDE_AUTH_MODE: 'multi' });
    assert.equal(unitVariables(readFileSync(systemdUnitPath(machine), 'utf8'))['MY_OWN'], '1');
  });

  test('replaces what an earlier product took and OCP cannot use, and says so', async (t) => {
    const port = String(await freePort());
    const odd = {
      CLAUDE_TIMEOUT: '3600000',
      CLAUDE_MAX_CONCURRENT: '0',
      CLAUDE_CACHE_TTL: '-1',
      CLAUDE_SESSION_TTL: 'forever',
      CLAUDE_ALLOWED_TOOLS: '',
      CLAUDE_SKIP_PERMISSIONS: 'true',
      PROXY_API_KEY: 'the shared key',
    };
    const values = {
      CLAUDE_PROXY_PORT: port,
      CLAUDE_MAX_CONCURRENT: 1,
      CLAUDE_CACHE_TTL: 0,
      CLAUDE_TIMEOUT: 1_800_000,
      CLAUDE_BIND: '127.0.0.1',
      CLAUDE_AUTH_MODE: 'none',
    };
    const asked = (out: string): void => {
      for (const name of ['TIMEOUT', 'MAX_CONCURRENT', 'CACHE_TTL', 'SESSION_TTL', 'SKIP_PERMISSIONS'])
        assert.match(out, new RegExp(`^! CLAUDE_${name} is .*(?:instead|left out)`, 'mu'), name);
      assert.match(out, /^! PROXY_API_KEY must be .*; the default is used instead/mu);
      assert.doesNotMatch(out, /the shared key/u);
    };
    const exported = bench(t, { env: odd });
    const fromShell = await exported.run({ yes: true, 'no-start': true, port });
    assert.equal(fromShell.status, 0, fromShell.err);
    asked(fromShell.out);
    assert.deepEqual(exported.config(), { ...values, CLAUDE_PROXY_PORT: Number(port) });

    const installed = bench(t);
    const path = systemdUnitPath(installed.machine);
    mkdirSync(dirname(path), { recursive: true });
    const lines = Object.entries({
      ...odd,
      CLAUDE_PROXY_PORT: port,
      CLAUDE_TUI_MODE: '1',
      OCP_DIR_OVERRIDE: '/x',
      TZ: 'UTC',
    });
    writeFileSync(
      path,
      [
        '[Service]',
        'ExecStart=/usr/bin/node /home/someone/ocp/server.mjs',
        ...lines.map(([name, value]) => `Environment="${name}=${value}"`),
      ].join('\n'),
    );
    const fromUnit = await installed.run({ yes: true, 'no-start': true });
    assert.equal(fromUnit.status, 0, fromUnit.err);
    asked(fromUnit.out);
    assert.match(fromUnit.out, /^! CLAUDE_TUI_MODE=1 is dropped from the service: OCP has no such setting$/mu);
    assert.deepEqual(installed.config(), { ...values, CLAUDE_PROXY_PORT: Number(port) });
    assert.deepEqual(Object.keys(unitVariables(readFileSync(path, 'utf8'))), ['PATH', 'TZ']);
  });

  test('keeps an admin key, and takes the rights of others to it away', async (t) => {
    const { machine, run } = bench(t);
    mkdirSync(machine.ocpHome);
    const path = join(machine.ocpHome, 'admin-key');
    writeFileSync(path, 'chosen-by-hand\n', { mode: 0o644 });
    await run({ yes: true, 'no-service': true, port: String(await freePort()) });
    assert.equal(readFileSync(path, 'utf8'), 'chosen-by-hand\n');
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  test('leaves what lies in the place of its link', async (t) => {
    const { machine, run } = bench(t);
    symlinkSync('/nowhere', join(machine.home, '.local/bin/ocp'));
    const { out } = await run({ yes: true, 'no-service': true, port: String(await freePort()) });
    assert.match(out, /^! .*\.local\/bin\/ocp is something else and was left as it is$/mu);
  });

  for (const [what, flags, status, said] of [
    [
      'an open network without keys',
      { bind: '0.0.0.0' },
      2,
      /^ocp: --bind: CLAUDE_BIND is 0\.0\.0\.0, which other machines can reach.*CLAUDE_AUTH_MODE/u,
    ],
    ['a port that is none', { port: '99999' }, 2, /^ocp: --port: CLAUDE_PROXY_PORT is "99999", but must be/u],
    ['a port that changes', { port: '0' }, 2, /^ocp: a service needs a port that stays/u],
    ['a CLI that is not there', { 'claude-bin': '/nowhere/claude' }, 2, /^ocp: CLAUDE_BIN is "\/nowhere\/claude"/u],
  ] as const) {
    test(`refuses ${what} before anything is written`, async (t) => {
      const { machine, run } = bench(t);
      const port = String(await freePort());
      const refused = await run({ port, yes: true, ...flags });
      assert.equal(refused.status, status);
      assert.match(refused.err, said);
      assert.ok(!existsSync(machine.ocpHome) && !existsSync(systemdUnitPath(machine)));
    });
  }

  test('refuses a port that another program has, with one that is free', async (t) => {
    const { machine, run } = bench(t);
    const other = createServer((socket) => socket.end());
    await new Promise<void>((resolve) => void other.listen(0, '127.0.0.1', resolve));
    t.after(() => other.close());
    const address = other.address();
    assert.ok(typeof address === 'object' && address !== null);
    const { status, err } = await run({ port: String(address.port), yes: true });
    assert.equal(status, 1);
    assert.match(
      err,
      new RegExp(
        `^ocp: another program has port ${address.port}; stop it, or choose another, such as --port \\d+$`,
        'u',
      ),
    );
    assert.ok(!existsSync(machine.ocpHome));
  });

  test('shows files and commands in a dry run, and touches nothing', async (t) => {
    const { machine, run } = bench(t, { answers: linger, env: { PROXY_API_KEY: 'not-to-be-shown' } });
    const { out } = await run({ 'dry-run': true, yes: true, port: String(await freePort()) });
    for (const line of [
      `write ${machine.ocpHome}/config.json`,
      `write ${machine.ocpHome}/admin-key`,
      `write ${systemdUnitPath(machine)}`,
      'run systemctl --user daemon-reload',
      'run systemctl --user enable ocp-proxy.service',
      'run systemctl --user start ocp-proxy.service',
      `link ${machine.home}/.local/bin/ocp -> ${join(packageRoot, 'ocp')}`,
      'run loginctl enable-linger someone',
    ]) {
      assert.ok(out.split('\n').includes(`  ${line}`), `${line} is missing in\n${out}`);
    }
    assert.ok(!out.includes('not-to-be-shown'));
    assert.deepEqual(readdirSync(machine.home), ['.local']);
    assert.ok(machine.calls.every((line) => !/ (?:daemon-reload|enable|start|enable-linger)\b/u.test(line)));
  });

  test('ends with three things to do, by commands that there are', () => {
    for (const mode of ['none', 'shared', 'multi'] as const) {
      for (const isServed of [true, false]) {
        const lines = nextSteps({ mode, url: 'http://127.0.0.1:3456', isServed });
        assert.equal(lines.length, 3);
        const named = lines.flatMap((line) => [...line.matchAll(/\bocp ([a-z]+)/gu)].map(([, name = '']) => name));
        assert.deepEqual(
          named.filter((name) => !Object.hasOwn(commands, name)),
          [],
        );
      }
    }
  });
});
