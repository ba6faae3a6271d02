import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { TestContext } from 'node:test';
import { suite, test } from 'node:test';
import { commands } from '../../../src/cli/commands.ts';
import { dispatch } from '../../../src/cli/dispatch.ts';
import { readConfigFile } from '../../../src/config/config-file.ts';
import { packageRoot } from '../../support/ocp.ts';
import { fakeExecutable, temporaryFolder } from '../../support/temporary.ts';
import { inTerminal, noTerminal } from './pty.ts';

/** A CLI that writes down how it was called, and whether at a terminal; it is logged in by a token, a key, or a file. */
const claude = `
echo "$* [$CLAUDE_CONFIG_DIR] token=$CLAUDE_CODE_OAUTH_TOKEN $([ -t 0 ] && echo terminal)" >> "$HOME/calls"
case "$*" in
  --version) echo '2.1.330 (Claude Code)' ;;
  "auth login") : > "$CLAUDE_CONFIG_DIR/in"; echo "Open https://claude.example/login on any device" ;;
  setup-token) echo 'Your token: sk-ant-oat01-shown-by-the-cli-and-not-read' ;;
  "auth status")
    if [ -n "$CLAUDE_CODE_OAUTH_TOKEN" ]; then echo '{"loggedIn":true,"authMethod":"oauth_token"}'
    elif [ -n "$ANTHROPIC_API_KEY" ]; then echo '{"loggedIn":true,"authMethod":"api_key"}'
    elif [ -n "$CLAUDE_CODE_USE_BEDROCK" ]; then echo '{"loggedIn":true,"authMethod":"third_party"}'
    elif [ -f "$CLAUDE_CONFIG_DIR/in" ]; then echo '{"loggedIn":true,"authMethod":"claude.ai"}'
    else echo '{"loggedIn":false,"authMethod":"none"}'; exit 1; fi ;;
esac`;

const token = 'sk-ant-oat01-pasted-by-a-person';

function place(t: TestContext) {
  const home = temporaryFolder(t);
  const ocpHome = join(home, '.ocp');
  const own = join(home, 'own');
  mkdirSync(own);
  // Another claude on the PATH is not the one that OCP drives.
  fakeExecutable(join(home, 'path', 'claude'), 'echo wrong >> "$HOME/calls"; exit 1');
  const env = {
    HOME: home,
    PATH: `${join(home, 'path')}:/usr/bin:/bin`,
    CLAUDE_BIN: fakeExecutable(join(home, 'bin', 'claude'), claude),
    CLAUDE_CONFIG_DIR: own,
    CLAUDE_PROXY_PORT: '1',
  };
  const run = async (line: string, input = '', more: Readonly<Record<string, string>> = {}) => {
    const out: string[] = [];
    const err: string[] = [];
    const io = {
      stdout: (text: string) => void out.push(text),
      stderr: (text: string) => void err.push(text),
      write: (text: string) => void out.push(text),
      input: Readable.from(input === '' ? [] : [input]),
      signal: new AbortController().signal,
    };
    const status = await dispatch(line.split(' '), commands, { env: { ...env, ...more }, packageRoot, io });
    return { status, out: out.join('\n'), err: err.join('\n') };
  };
  return { home, ocpHome, own, env, run, calls: () => readFileSync(join(home, 'calls'), 'utf8') };
}

/** Every file below OCP's home that holds the text. */
function holding(folder: string, text: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => statSync(join(folder, name)).isFile() && readFileSync(join(folder, name), 'utf8').includes(text),
  );
}

suite('ocp login', { timeout: 60_000 }, () => {
  test('stores a token from the standard input, for its owner alone, with its age', async (t) => {
    const { ocpHome, run, calls } = place(t);
    const { status, out, err } = await run('login --token', `${token}\n`);
    assert.equal(status, 0, err);
    assert.match(out, /stored, readable by you alone; it lasts until \d{4}-\d\d-\d\d\./u);
    assert.match(out, /^default is logged in \(oauth_token\)/mu);
    assert.deepEqual(holding(ocpHome, token), ['login.json']);
    assert.equal(statSync(join(ocpHome, 'login.json')).mode & 0o777, 0o600);
    assert.doesNotMatch(out + err, /sk-ant/u);
    assert.match(calls(), new RegExp(`^auth status \\[.*own\\] token=${token}`, 'mu'));
    assert.doesNotMatch(calls(), /wrong/u, 'another claude was run');
    assert.match((await run('profiles')).out, /^default +logged in \(oauth_token\); its token lasts 364 days$/mu);
    const json = JSON.parse((await run('profiles --json')).out) as { profiles: { daysLeft: number }[] };
    assert.equal(json.profiles[0]?.daysLeft, 364);
  });

  test('takes the place of an earlier token, of config.json too, and is forgotten', async (t) => {
    const { ocpHome, run } = place(t);
    mkdirSync(ocpHome);
    writeFileSync(
      join(ocpHome, 'config.json'),
      '{\n  // mine\n  "CLAUDE_CODE_OAUTH_TOKEN": "sk-ant-oat01-from-the-config",\n  "CLAUDE_TIMEOUT": "5m"\n}\n',
    );
    const { out } = await run('login --token', token);
    assert.match(out, /CLAUDE_CODE_OAUTH_TOKEN is removed from config\.json/u);
    assert.deepEqual(readConfigFile(ocpHome), { CLAUDE_TIMEOUT: '5m' });
    assert.match(readFileSync(join(ocpHome, 'config.json'), 'utf8'), /\/\/ mine/u);
    assert.match((await run('login --forget')).out, /^The stored login of default is removed\.$/mu);
    assert.deepEqual(holding(ocpHome, token), []);
    assert.match((await run('login --forget')).out, /^OCP has stored no login for default\.$/mu);
  });

  test('keeps each profile apart, with an API key or a cloud as well', async (t) => {
    const { ocpHome, run, calls } = place(t);
    assert.match((await run('login anna --api-key', 'sk-ant-api03-of-anna-only')).out, /^The profile anna is new\.$/mu);
    const aws = { AWS_REGION: 'eu-central-1', AWS_BEARER_TOKEN_BEDROCK: 'bedrock-secret' };
    assert.equal((await run('login ben --cloud bedrock', '', aws)).status, 0);
    assert.match(
      (await run('profiles')).out,
      /^default +not logged in\nanna +logged in \(api_key\)\nben +logged in \(third_party\)$/u,
    );
    assert.deepEqual(holding(ocpHome, 'sk-ant-api03-of-anna-only'), ['profiles/anna/ocp-login.json']);
    assert.deepEqual(holding(ocpHome, 'bedrock-secret'), ['profiles/ben/ocp-login.json']);
    assert.match(calls(), /auth status \[.*profiles\/anna\]/u);
    await run('profiles remove anna');
    assert.ok(!existsSync(join(ocpHome, 'profiles/anna')));
  });

  test('says in one line what cannot be done, and stores nothing', async (t) => {
    const { ocpHome, run } = place(t);
    for (const [line, input, status, says] of [
      ['login', '', 2, /no terminal to log in at.*ocp login --token < FILE/u],
      ['login anna', '', 2, /ocp login anna --token < FILE/u],
      ['profiles login anna', '', 1, /there is no profile "anna" to login/u],
      ['login --token', '', 2, /nothing was given/u],
      ['login --token', 'two words in a line', 2, /that is no token/u],
      ['login --token', 'x'.repeat(10_000), 2, /more than a token/u],
      ['login --token --api-key', token, 2, /choose one of/u],
      ['login ../x --token', token, 2, /cannot be a profile/u],
      ['login --cloud bedrock', '', 2, /--cloud bedrock needs AWS_REGION in this shell: export AWS_REGION=…/u],
      ['login --env ANTHROPIC_API_KEY', '', 2, /ANTHROPIC_API_KEY is not set in this shell/u],
      ['login --env TZ', '', 2, /TZ/u],
      ['login --cloud mars', '', 2, /must be one of bedrock, vertex, foundry/u],
    ] as const) {
      const ran = await run(line, input);
      assert.equal(ran.status, status, `${line}: ${ran.err}`);
      assert.match(ran.err, says);
      assert.equal(ran.err.split('\n').length, 1, ran.err);
    }
    assert.ok(!existsSync(ocpHome));
  });

  test('works with a broken config.json, which it names', async (t) => {
    const { ocpHome, run } = place(t);
    mkdirSync(ocpHome);
    writeFileSync(join(ocpHome, 'config.json'), '{"CLAUDE_TIMEOUT": ');
    const { status, err } = await run('login --token', token);
    assert.equal(status, 0, err);
    assert.match(err, /config\.json: .*\(line 1, column \d+\)/u);
    assert.deepEqual(holding(ocpHome, token), ['login.json']);
  });

  test('runs the CLI at the terminal, and asks for the token at a hidden prompt', { skip: noTerminal }, async (t) => {
    const { home, ocpHome, own, env, calls } = place(t);
    const ocp = `'${join(packageRoot, 'ocp')}'`;
    const browser = await inTerminal(`${ocp} login`, env);
    assert.equal(browser.code, 0, browser.shown);
    assert.match(browser.shown, /Open https:\/\/claude\.example\/login[^]*default is logged in \(claude\.ai\)/u);
    assert.ok(existsSync(join(own, 'in')));
    assert.match(calls(), /^auth login \[.*\] token= terminal$/mu);

    const pasted = await inTerminal(`${ocp} login anna --token`, env, [{ at: 'Paste the token', text: `${token}\r` }]);
    assert.equal(pasted.code, 0, pasted.shown);
    assert.match(calls(), /^setup-token \[.*profiles\/anna\] token= terminal$/mu);
    assert.ok(!pasted.shown.includes(token), 'the token is shown');
    assert.deepEqual(holding(ocpHome, token), ['profiles/anna/ocp-login.json']);
    assert.deepEqual(
      holding(home, 'shown-by-the-cli').filter((name) => name !== 'bin/claude'),
      [],
    );
  });
});
