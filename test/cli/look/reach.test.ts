import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { encode } from 'uqr';
import { lanAddresses } from '../../../src/cli/look/addresses.ts';
import { browserProgram } from '../../../src/cli/look/open.ts';
import { qrLines } from '../../../src/cli/output/qr-code.ts';
import { adminKey, asAdmin, startMulti } from '../../support/admin.ts';
import type { CommandOptions, CommandRun } from '../../support/command.ts';
import { runOcp, terminal } from '../../support/command.ts';
import type { Ocp } from '../../support/ocp.ts';
import { until } from '../../support/processes.ts';
import { fakeExecutable, temporaryFolder } from '../../support/temporary.ts';

const [own] = lanAddresses(networkInterfaces());

suite('a server that others may reach', () => {
  let ocp: Ocp;
  before(async () => {
    ocp = await startMulti({ env: { CLAUDE_BIND: '0.0.0.0' } });
  });
  after(async () => ocp[Symbol.asyncDispose]());

  const at = async (words: readonly string[], options: CommandOptions = {}): Promise<CommandRun> =>
    runOcp(words, {
      ...options,
      env: { CLAUDE_PROXY_PORT: new URL(ocp.url).port, OCP_ADMIN_KEY: adminKey, ...options.env },
    });

  test('ocp test shows a real answer with its times, and where it came from', async () => {
    await until(async () => Number(((await ocp.health())['workers'] as Record<string, unknown>)['spares']) > 0);
    const { status, out, err } = await at([
      'test',
      '--model',
      'sonnet',
      '--prompt',
      'say \u001b[31m[[text:it\u001b[5m works]]',
    ]);
    assert.deepEqual([status, err], [0, '']);
    assert.match(out, /^Asking sonnet at http[^]*\n {2}it works\n\n✓ It works\.\n/u);
    for (const line of [
      /^ +Model +claude-sonnet-5-5$/mu,
      /^ +Worker +a spare that was ready$/mu,
      /^ +First token +[\d.]+m?s$/mu,
      /^ +Whole answer +[\d.]+m?s$/mu,
      /^ +Tokens +\d+ in, \d+ out$/mu,
    ]) {
      assert.match(out, line);
    }
    assert.ok(!out.includes('\u001b'));
    const json = JSON.parse((await at(['test', '--json'])).out) as Record<string, unknown>;
    assert.deepEqual(Object.keys(json), ['text', 'model', 'input', 'output', 'firstMs', 'totalMs', 'source']);
  });

  test('ocp test fails in one line where no whole answer comes', async () => {
    for (const [words, expected] of [
      [['--model', 'gpt-9'], /^ocp: There is no such model/u],
      [['--prompt', '[[error:400]]'], /^ocp: \S/u],
      [['--key', 'ocp_unknown'], /does not know the key that was sent/u],
    ] as const) {
      const { status, err } = await at(['test', ...words]);
      assert.equal(status, 1);
      assert.match(err, /^ocp: \P{Cc}+\n$/u);
      assert.match(err, expected);
    }
  });

  test('ocp lan says how others reach it', { skip: own === undefined && 'no network here' }, async () => {
    const { status, out } = await at(['lan'], { terminal: terminal(100) });
    const url = `http://${own?.address ?? ''}:${new URL(ocp.url).port}`;
    assert.equal(status, 0, out);
    for (const text of [
      `Address             ${own?.address ?? ''}`,
      `${url}/v1`,
      `curl -fsSL ${url}/connect | sh -s -- --key KEY`,
    ]) {
      assert.ok(out.includes(text), `${text}\n${out}`);
    }
    assert.match(out, /✓ Other machines can reach it/u);
    assert.ok(out.includes((qrLines(`${url}/dashboard`, terminal(100)) ?? ['none']).join('\n')));
    assert.ok(!out.includes(adminKey));
    assert.doesNotMatch((await at(['lan'])).out, /▀/u);
    assert.match((await at(['lan', '--qr'])).out, /▀/u);
    assert.doesNotMatch((await at(['lan'], { terminal: terminal(24) })).out, /▀/u);
    const json = JSON.parse((await at(['lan', '--json'])).out) as Record<string, unknown>;
    assert.deepEqual([json['reachable'], json['url'], json['authMode']], [true, url, 'multi']);
  });

  test('ocp open opens the dashboard where there is a screen, and says where it is', async (t) => {
    const folder = temporaryFolder(t);
    const asked = join(folder, 'asked');
    fakeExecutable(join(folder, 'xdg-open'), `echo "$1" > "${asked}"`);
    const dashboard = `${ocp.url}/dashboard`;
    const screen = { PATH: `${folder}:/usr/bin:/bin`, DISPLAY: ':0' };
    const bare = await at(['open'], { env: { PATH: screen.PATH } });
    assert.deepEqual([bare.status, bare.out], [0, `${dashboard}\n`]);
    assert.match(bare.err, /no browser can be opened here/u);
    assert.equal((await at(['open', '--print'], { env: screen })).err, '');
    assert.ok(!existsSync(asked));
    if (process.platform === 'linux') {
      assert.deepEqual(await at(['open'], { env: screen }), { status: 0, out: `${dashboard}\n`, err: '' });
      assert.equal(readFileSync(asked, 'utf8'), `${dashboard}\n`);
      fakeExecutable(join(folder, 'xdg-open'), 'exit 3');
      assert.match((await at(['open'], { env: screen })).err, /no browser/u);
    }
    assert.deepEqual([browserProgram('darwin', {}), browserProgram('linux', {})], ['open', undefined]);
  });

  test('ocp lan says where a server listens on this machine alone, and what to do', async (t) => {
    const health = JSON.stringify(await ocp.health());
    const server = createServer((_request, response) => void response.end(health)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    const port = String((server.address() as AddressInfo).port);
    const { status, out } = await at(['lan'], { terminal: terminal(100), env: { CLAUDE_PROXY_PORT: port } });
    assert.equal(status, 1);
    assert.match(out, /✗ Other machines cannot reach it: [^]*ocp setup --bind 0\.0\.0\.0/u);
    assert.doesNotMatch(out, /connect \| sh|▀/u);
  });

  test('what was tested is in the usage as a request of ocp', async () => {
    const { body } = await asAdmin(ocp, 'GET', '/api/usage?all=true');
    const { recent } = body as { readonly recent: readonly { readonly client: string }[] };
    assert.ok(recent.length > 2 && recent.every(({ client }) => client === 'ocp'));
  });
});

test('addresses of containers and of the link are none of the network', () => {
  const info = (address: string, family: 'IPv4' | 'IPv6', internal = false) => ({
    address,
    family,
    internal,
    netmask: '',
    mac: '',
    cidr: null,
    scopeid: 0,
  });
  const found = lanAddresses({
    lo: [info('127.0.0.1', 'IPv4', true)],
    docker0: [info('172.17.0.1', 'IPv4')],
    eth0: [info('2001:db8::1', 'IPv6'), info('fe80::1', 'IPv6'), info('100.64.0.9', 'IPv4')],
    wlan0: [info('192.168.1.10', 'IPv4'), info('169.254.7.7', 'IPv4')],
    gone: undefined,
  });
  assert.deepEqual(
    found.map(({ address }) => address),
    ['192.168.1.10', '100.64.0.9', '2001:db8::1'],
  );
});

test('a QR code is drawn as it is encoded, on dark terminals and in colours', () => {
  const text = 'http://192.168.1.10:3456/dashboard';
  const { data } = encode(text, { border: 2 });
  const bits: Readonly<Record<string, readonly [boolean, boolean]>> = {
    ' ': [false, false],
    '▀': [true, false],
    '▄': [false, true],
    '█': [true, true],
  };
  for (const colours of [true, false]) {
    const drawn = (qrLines(text, terminal(80, colours)) ?? []).flatMap((line) => {
      const blocks = Array.from(
        line.replaceAll(/\p{Cc}\[[\d;]+m/gu, ''),
        (character) => bits[character] ?? [true, true],
      );
      return [blocks.map(([upper]) => upper === colours), blocks.map(([, lower]) => lower === colours)];
    });
    assert.deepEqual(drawn.slice(0, data.length), data);
  }
  assert.equal(qrLines(text, terminal(20)), undefined);
});
