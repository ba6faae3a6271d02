import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import type { IncomingMessage, RequestListener } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { suite, test } from 'node:test';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { temporaryFolder } from '../support/temporary.ts';
import type { Outcome } from './shell-support.ts';
import { contentOf, findProgram, homeOf, machine, runShell, script, without } from './shell-support.ts';

const shell = '/bin/sh';

/** A server that is no OCP, or one of another time: what it answers by path. */
async function listen(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const health = (anonymousKey: string | null): string =>
  JSON.stringify({ status: 'ok', version: '0.1.0', authMode: 'multi', anonymousKey });
const models = '{"object":"list","data":[{"id":"claude-haiku-5-5","object":"model"}]}';

/** An OCP that wants this key. */
function wanting(key: string, anonymousKey: string | null = null): RequestListener {
  return (request: IncomingMessage, response) => {
    if (request.url === '/health') return void response.end(health(anonymousKey));
    if (request.headers.authorization !== `Bearer ${key}`) response.statusCode = 401;
    return void response.end(request.url === '/v1/models' ? models : '{"choices":[{"message":{"content":"OK"}}]}');
  };
}

async function run(t: TestContext, args: readonly string[]): Promise<Outcome & { readonly home: string }> {
  const folder = temporaryFolder(t);
  const home = homeOf(folder, { '.bashrc': '' });
  return { ...(await runShell({ shell, file: script, home, path: machine(folder), args })), home };
}

suite('what the shell script is given', () => {
  const hosts = [
    "x'; touch pwned; '",
    '$(touch pwned)',
    '`touch pwned`',
    'a b',
    'a\nb',
    '-h2',
    'a;touch pwned',
    'http://a/../b',
    'user@host',
    'ho"st',
    '[::1',
    '[::g]',
    'hôte',
    '-K/etc/passwd',
    'host:',
    'host:0',
    'host:99999',
    'host:1:x',
    '',
  ];
  for (const host of hosts) {
    test(`is refused as a host: ${JSON.stringify(host)}`, async (t) => {
      // A first word with a dash is an option; a server's own script takes its host from nowhere else.
      const { status, stderr, home } = await run(
        t,
        ['--no-node', '--port', '1', host].slice(host.includes(':') ? 3 : 0),
      );
      assert.notEqual(status, 0);
      assert.match(stderr, /^ocp-connect: |^Usage: /);
      assert.deepEqual(readdirSync(home), ['.bashrc']);
    });
  }

  for (const key of ["a'b", 'a"b', 'a b', 'a\nb', '$(touch pwned)', 'a`b', String.raw`a\b`, 'clé', '']) {
    test(`is refused as a key: ${JSON.stringify(key)}`, async (t) => {
      const { status, stderr, home } = await run(t, ['127.0.0.1', '--key', key]);
      assert.equal(status, 2);
      assert.match(stderr, /^ocp-connect: (?:this key has characters that only|the key is empty).*\n$/);
      assert.deepEqual(readdirSync(home), ['.bashrc']);
    });
  }

  test('is a key with characters that shells read', async (t) => {
    const key = 'pa!#&*;(x)~<y>|{z}';
    const url = await listen(t, wanting(key));
    const { status, stdout, home } = await run(t, [url, '--key', key]);
    assert.equal(status, 0, stdout);
    assert.match(contentOf(home, '.bashrc') ?? '', /^export OPENAI_API_KEY='pa!#&\*;\(x\)~<y>\|\{z\}'$/m);
    assert.match(contentOf(home, '.config/environment.d/ocp.conf') ?? '', /^OPENAI_API_KEY="pa!#&.*"$/m);
  });

  test('may be an option of the whole program, which then wants Node.js', async (t) => {
    const { status, stderr } = await run(t, ['127.0.0.1', '--list']);
    assert.deepEqual([status, stderr], [2, 'ocp-connect: --list needs Node.js 20 or newer on this machine\n']);
  });

  test('must name a server where nothing else does', async (t) => {
    const { status, stderr } = await run(t, []);
    assert.equal(status, 2);
    assert.match(stderr, /^Usage: ocp-connect/);
  });
});

suite('the server of the shell script', () => {
  const cases: readonly (readonly [string, RequestListener, RegExp])[] = [
    ['refuses the host name', (_q, r) => void r.writeHead(403).end(), /refuses this host name.*OCP_ALLOWED_HOSTS/],
    ['is something else', (_q, r) => void r.writeHead(404).end(), /answers 404 .*is this an OCP\?/],
    ['answers, but not as OCP', (_q, r) => void r.end('<html>'), /answers, but not as OCP does/],
    ['wants a key', wanting('k'), /wants a key: ask its operator .* --key/],
    ['has a public key that is a trap', wanting('k', "'$(touch pwned)'"), /public key of \S+ has characters/],
    ['has a public key that it does not take', wanting('k', 'public'), /does not accept this key/],
    [
      'has no models',
      (q, r) => void r.end(q.url === '/health' ? health(null) : '{"data":[]}'),
      /lists no model for this key/,
    ],
  ];
  for (const [name, listener, message] of cases) {
    test(`${name}: ends with 1 and changes nothing`, async (t) => {
      const { status, stderr, home } = await run(t, [await listen(t, listener)]);
      assert.equal(status, 1);
      assert.match(stderr, /^ocp-connect: [^\n]*\n$/);
      assert.match(stderr, message);
      assert.deepEqual([readdirSync(home), contentOf(home, '.bashrc')], [['.bashrc'], '']);
    });
  }

  test('is down: ends with 1 and says what to look at', async (t) => {
    const { status, stdout, stderr } = await run(t, ['127.0.0.1', '--port', '9']);
    assert.equal(status, 1);
    assert.match(stdout, /Remote: http:\/\/127\.0\.0\.1:9\n/);
    assert.match(stderr, /^ocp-connect: cannot reach http:\/\/127\.0\.0\.1:9: is OCP running there/);
  });

  test('answers the test with an error: the files are written, the status is 1', async (t) => {
    const url = await listen(t, (request, response) => {
      if (request.url === '/health') return void response.end(health(null));
      if (request.url === '/v1/models') return void response.end(models);
      return void response.writeHead(503).end('{"error":{"message":"The CLI is \\u001b[31mgone","type":"x"}}');
    });
    const { status, stdout, home } = await run(t, [url]);
    assert.equal(status, 1);
    assert.match(stdout, /✗ Smoke test failed \(503\)/);
    assert.match(contentOf(home, '.bashrc') ?? '', /OPENAI_BASE_URL/);
  });

  test('is asked with the key that was typed, unseen', { skip: without('script') }, async (t) => {
    const url = await listen(t, wanting('ocp_typed'));
    const folder = temporaryFolder(t);
    const home = homeOf(folder, { '.bashrc': '' });
    const command = `/bin/sh '${script.replaceAll("'", String.raw`'\''`)}' ${url}`;
    const child = spawn(findProgram('script') ?? '', ['-qec', command, '/dev/null'], {
      env: { HOME: home, PATH: machine(folder), SHELL: '/bin/sh' },
      cwd: home,
    });
    child.stdout.setEncoding('utf8');
    let shown = '';
    child.stdout.on('data', (piece: string) => {
      if (!shown.includes('Your key') && (shown + piece).includes('Your key')) child.stdin.write('ocp_typed\n');
      shown += piece;
    });
    const [[code], stderr] = await Promise.all([once(child, 'close'), text(child.stderr)]);
    assert.equal(code, 0, shown + stderr);
    assert.ok(!shown.split('Testing API access')[0]?.includes('ocp_typed'));
    assert.match(contentOf(home, '.bashrc') ?? '', /^export OPENAI_API_KEY=ocp_typed$/m);
    assert.ok(contentOf(home, join('.config', 'environment.d', 'ocp.conf'))?.includes('OPENAI_API_KEY=ocp_typed\n'));
  });
});
