import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ConnectError } from '../../src/connect/error.ts';
import { newMachine, put, read, run, scripted, snapshot, standIn } from './support.ts';

test('connects shells and tools, says so in order, and undo leaves no trace', async (t) => {
  const server = await standIn(t, { authMode: 'multi', anonymousKey: 'ocp_public_anonymous' });
  const machine = newMachine(t);
  put(machine, '.bashrc', '# mine\nalias ll="ls -l"\n', 0o640);
  put(machine, '.config/opencode/opencode.json', '{\n  // chosen by me\n  "theme": "dark",\n}\n', 0o600);
  const before = snapshot(machine);
  const { status, lines, out } = await run(machine, server.url);
  assert.equal(status, 0);
  const order = [
    'OCP Connect 1.2.3',
    'Server:',
    '✓ It answers: OCP 9.9.9 (auth mode multi)',
    'ocp_publ...mous',
    '✓ 3 models',
    'Shells',
    '  ✓ ~/.bashrc',
    'environment.d',
    'Tools',
    'OpenCode (~/.config/opencode)',
    'Asking',
    '✓ chat',
    'Done',
    'source',
  ];
  const found = order.map((text) => lines.findIndex((line) => line.includes(text)));
  assert.deepEqual(
    found,
    found.toSorted((a, b) => a - b),
    out,
  );
  assert.ok(!found.includes(-1), out);
  assert.equal(
    read(machine, '.bashrc'),
    `# mine\nalias ll="ls -l"\n\n# >>> ocp >>>\nexport OPENAI_BASE_URL=${server.url}/v1\nexport OPENAI_API_KEY=ocp_public_anonymous\n# <<< ocp <<<\n`,
  );
  assert.equal(statSync(join(machine.home, '.bashrc')).mode & 0o777, 0o640);
  assert.match(
    read(machine, '.config/opencode/opencode.json'),
    /\/\/ chosen by me\n {2}"theme": "dark",\n {2}"provider"/,
  );
  assert.equal(statSync(join(machine.ocpHome, 'connect.json')).mode & 0o777, 0o600);
  assert.doesNotMatch(read(machine, '.ocp/connect.json'), /ocp_public/);

  const after = snapshot(machine);
  assert.match((await run(machine, server.url)).out, /opencode\.json says so already/);
  assert.deepEqual(snapshot(machine), after, 'a second run changes nothing');

  const undone = await run(machine, undefined, { undo: true });
  assert.equal(undone.status, 0);
  assert.match(undone.out, /✓ ~\/\.bashrc is as it was before/);
  assert.deepEqual(snapshot(machine), before);
  assert.ok(!existsSync(join(machine.ocpHome, 'connect.json')));
  assert.match((await run(machine, undefined, { undo: true })).out, /nothing to undo/);
});

test('what a user changed since stays when it is undone', async (t) => {
  const server = await standIn(t);
  const machine = newMachine(t);
  put(machine, '.config/opencode/opencode.json', '{ "model": "other/model", "provider": { "other": {} } }\n');
  await run(machine, server.url, { only: 'opencode,shell' });
  put(
    machine,
    '.config/opencode/opencode.json',
    read(machine, '.config/opencode/opencode.json').replace('"model": "ocp/', '"theme": "light", "model": "ocp/'),
  );
  put(machine, '.bashrc', `${read(machine, '.bashrc')}export EDITOR=vi\n`);
  const { out } = await run(machine, undefined, { undo: true });
  assert.match(out, /opencode\.json was changed since; what OCP wrote is out of it/);
  assert.deepEqual(JSON.parse(read(machine, '.config/opencode/opencode.json')), {
    theme: 'light',
    model: 'other/model',
    provider: { other: {} },
  });
  assert.equal(read(machine, '.bashrc'), 'export EDITOR=vi\n');
});

test('list and dry run touch nothing, and show no key', async (t) => {
  const key = 'ocp_a-key-that-is-nobodys-business';
  const server = await standIn(t, { keys: [key] });
  const machine = newMachine(t);
  put(machine, '.config/opencode/opencode.json', '{}\n');
  const before = snapshot(machine);
  const list = await run(machine, server.url, { list: true, key });
  assert.match(
    list.out,
    /OpenCode \(~\/\.config\/opencode\)\n {4}→ ~\/\.config\/opencode\/opencode\.json would be changed/,
  );
  const dry = await run(machine, server.url, { 'dry-run': true, key });
  assert.match(dry.out, /^--- .*opencode\.json\n\+\+\+ .*opencode\.json\n@@ -1,1 \+1,\d+ @@\n-\{\}\n\+\{/m);
  assert.ok(!dry.out.includes(key) && !list.out.includes(key));
  assert.deepEqual(snapshot(machine), before);
  assert.ok(!existsSync(machine.ocpHome));
  assert.ok(
    server.requests.every(({ line }) => line.startsWith('GET ')),
    'no question to a model',
  );
});

test('says why it cannot connect', async (t) => {
  const closed = await standIn(t, { authMode: 'multi', keys: ['right'] });
  const machine = newMachine(t);
  const before = snapshot(machine);
  const cases: readonly (readonly [string | undefined, object, RegExp])[] = [
    ['127.0.0.1:2', {}, /127\.0\.0\.1:2 does not answer \(nothing listens there\)/],
    [closed.url, { key: 'wrong' }, /does not let this key in/],
    [closed.url, {}, /asks for a key/],
    [closed.url, { key: 'a\nb' }, /not usable/],
    ['a b', {}, /no host name/],
    ['$(reboot)', {}, /no host name/],
    ['http://user:secret@host', {}, /no host name/],
    ['-host', {}, /no host name/],
    ['host', { port: '0x10' }, /no port/],
    [closed.url, { only: 'opencode,nothing' }, /There is no tool "nothing"/],
  ];
  for (const [host, values, message] of cases) {
    await assert.rejects(run(machine, host, values), (error: unknown) => {
      assert.ok(error instanceof ConnectError, String(error));
      assert.match(error.message, message);
      return true;
    });
  }
  assert.deepEqual(snapshot(machine), before);
});

test('asks for the key that the server wants, and for each tool', async (t) => {
  const server = await standIn(t, { authMode: 'shared', keys: ['typed-key'] });
  const machine = newMachine(t);
  put(machine, '.config/opencode/opencode.json', '{}\n');
  const asker = scripted({ 'asks for a key': ' typed-key ', 'programs for Anthropic': true, OpenCode: false });
  const { status } = await run(machine, server.url, {}, { asker });
  assert.equal(status, 0);
  assert.match(read(machine, '.bashrc'), /ANTHROPIC_AUTH_TOKEN=typed-key/);
  assert.equal(read(machine, '.config/opencode/opencode.json'), '{}\n');
});

test('verify asks by the API of each tool, and fails when one does', async (t) => {
  const machine = newMachine(t);
  put(machine, '.config/opencode/opencode.json', '{}\n');
  const server = await standIn(t);
  const good = await run(machine, server.url, { verify: true, api: 'responses', only: 'opencode' });
  assert.equal(good.status, 0);
  assert.match(good.out, /✓ responses as OpenCode: OK/);
  assert.deepEqual(
    server.requests.map(({ line }) => line).filter((line) => line.startsWith('POST')),
    ['POST /v1/responses'],
  );
  const loggedOut = await standIn(t, { isLoggedOut: true });
  const bad = await run(machine, loggedOut.url, { verify: true, only: 'opencode' });
  assert.equal(bad.status, 1);
  assert.match(bad.out, /✗ chat as OpenCode: The CLI is not logged in/);
});

test('gives the result as JSON', async (t) => {
  const server = await standIn(t);
  const machine = newMachine(t);
  put(machine, '.config/opencode/opencode.json', 'not JSON');
  const { out } = await run(machine, server.url, { json: true });
  const result = JSON.parse(out) as { server: object; clients: readonly { id: string; files: readonly object[] }[] };
  assert.deepEqual(result.server, {
    url: server.url,
    version: '9.9.9',
    authMode: 'none',
    models: ['claude-opus-9', 'claude-sonnet-9', 'claude-haiku-9'],
    main: 'claude-sonnet-9',
    small: 'claude-haiku-9',
  });
  assert.deepEqual(result.clients.find(({ id }) => id === 'opencode')?.files, [
    {
      path: join(machine.home, '.config/opencode/opencode.json'),
      outcome: 'left',
      problem: 'it is not valid JSON: line 1, InvalidSymbol',
    },
  ]);
  await assert.rejects(run(machine, server.url, { json: true, yes: false }), /--json asks nothing/);
});
