import assert from 'node:assert/strict';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, suite, test } from 'node:test';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { BodyBudget } from '../../src/http/body/body-budget.ts';
import { fakeClaudeBinary } from '../support/fake-claude.ts';
import type { Ocp } from '../support/ocp.ts';
import { startOcp } from '../support/ocp.ts';
import { errorOf, post, question } from './chat-support.ts';

const MIB = 1_048_576;
const chat = '/v1/chat/completions';

/** A connection of a client that writes its whole request before it reads a byte, as many do. */
async function open(ocp: Ocp): Promise<Socket> {
  const socket = connect(Number(new URL(ocp.url).port), '127.0.0.1');
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return socket.pause();
}

async function write(socket: Socket, bytes: string | Buffer): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}

function head(path: string, ...headers: readonly string[]): string {
  const lines = [`POST ${path} HTTP/1.1`, 'Host: 127.0.0.1', 'Content-Type: application/json', ...headers];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

const chunk = (bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);

/** Writes a body of this length, announced or in chunks, and then reads the answer. */
async function upload(
  ocp: Ocp,
  path: string,
  length: number,
  how: 'announced' | 'chunked',
  ...headers: string[]
): Promise<string> {
  const socket = await open(ocp);
  const piece = Buffer.alloc(MIB, 'x');
  const lead = how === 'announced' ? `Content-Length: ${length}` : 'Transfer-Encoding: chunked';
  await write(socket, head(path, lead, ...headers));
  for (let sent = 0; sent < length; sent += MIB) {
    const part = piece.subarray(0, Math.min(MIB, length - sent));
    await write(socket, how === 'announced' ? part : chunk(part));
  }
  if (how === 'chunked') await write(socket, '0\r\n\r\n');
  return text(socket);
}

suite('the limits of a body', () => {
  let ocp: Ocp;
  before(async () => {
    ocp = await startOcp({
      env: { CLAUDE_BIN: fakeClaudeBinary, OCP_ADMIN_KEY: 'an-admin-key-of-many-letters', CLAUDE_AUTH_MODE: 'multi' },
      config: { maxBodySize: 4 * MIB, bodiesMaxMb: 10, trustLoopback: true },
      limits: { uploadPace: { windowMs: 300, leastBytes: 1000, deadlineMs: 2000 } },
    });
  });
  after(async () => ocp[Symbol.asyncDispose]());

  for (const how of ['announced', 'chunked'] as const) {
    for (const close of [[], ['Connection: close']]) {
      const kind = `${how}${close.length > 0 ? ', on a connection that closes' : ''}`;

      test(`a client that reads last sees why its body is too long (${kind})`, async () => {
        assert.match(await upload(ocp, chat, 6 * MIB, how, ...close), /^HTTP\/1\.1 413 [^]*"code":"body_too_large"/u);
      });

      test(`so it does at the admin's addresses, whose bodies are small (${kind})`, async () => {
        const admin = 'Authorization: Bearer an-admin-key-of-many-letters';
        const answer = await upload(ocp, '/api/keys', 2 * MIB, how, admin, ...close);
        assert.match(answer, /^HTTP\/1\.1 413 [^]*larger than \d{4,6} bytes/u);
      });

      test(`so it does where its key is refused (${kind})`, async () => {
        const answer = await upload(ocp, chat, 3 * MIB, how, 'Authorization: Bearer ocp_wrong', ...close);
        assert.match(answer, /^HTTP\/1\.1 401 /u);
      });
    }
  }

  test('a client that asks first need not send its body', async () => {
    const socket = await open(ocp);
    await write(socket, head(chat, `Content-Length: ${6 * MIB}`, 'Expect: 100-continue'));
    assert.match(await text(socket), /^HTTP\/1\.1 413 /u);
    const small = await open(ocp);
    const body = '{"model":';
    await write(small, head(chat, `Content-Length: ${body.length}`, 'Expect: 100-continue', 'Connection: close'));
    small.resume();
    const [first] = (await new Promise<Buffer>((resolve) => small.once('data', resolve))).toString().split('\r\n');
    assert.equal(first, 'HTTP/1.1 100 Continue');
    small.write(body);
    assert.match(await text(small), /^HTTP\/1\.1 400 /u);
  });

  const tooMany: readonly (readonly [string, string])[] = [
    ['numbers', `[${'0,'.repeat(200_000)}0]`],
    ['objects', `[${'{},'.repeat(200_000)}{}]`],
    ['texts', `["${'a","'.repeat(200_000)}"]`],
    ['members', `{${Array.from({ length: 200_001 }, (_, key) => `"${key}":1`).join(',')}}`],
  ];
  for (const [name, body] of tooMany) {
    test(`a body of too many ${name} is refused, unparsed, in the shape of each surface`, async () => {
      // Cut off: one that was parsed would not be JSON.
      const cut = body.slice(0, -1);
      const openAi = await errorOf(await post(ocp, cut));
      assert.equal(openAi.code, 'too_many_values');
      const response = await fetch(`${ocp.url}/v1/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: cut,
      });
      const { error } = (await response.json()) as { readonly error: { readonly type: string } };
      assert.deepEqual([response.status, error.type], [413, 'request_too_large']);
    });
  }

  test('a body that is nested too deep is refused, unparsed', async () => {
    const response = await post(ocp, '['.repeat(201));
    assert.equal(response.status, 400);
    assert.match((await errorOf(response)).message, /deeper than 200/u);
  });

  test('an upload that stops, or never ends, is given up', async () => {
    for (const rest of ['', 'x'.repeat(2000)]) {
      const socket = await open(ocp);
      await write(socket, head(chat, `Content-Length: ${3 * MIB}`, 'Connection: close'));
      const drip = setInterval(() => socket.write(rest), 100);
      assert.match(await text(socket), /^HTTP\/1\.1 408 [^]*"code":"request_timeout"/u);
      clearInterval(drip);
    }
  });

  test('what is only announced takes no room; beyond the room the answer is 503, and what was taken is given back', async () => {
    const announced = await Promise.all([open(ocp), open(ocp), open(ocp)]);
    for (const socket of announced) await write(socket, head(chat, `Content-Length: ${4 * MIB}`));
    assert.equal((await post(ocp, 'x'.repeat(4 * MIB))).status, 400);
    const waiting = await Promise.all([open(ocp), open(ocp)]);
    const part = Buffer.alloc(2.4 * MIB, 'x');
    for (const socket of waiting)
      await write(socket, Buffer.concat([Buffer.from(head(chat, `Content-Length: ${4 * MIB}`)), part]));
    assert.equal((await fetch(`${ocp.url}/health`)).status, 200);
    let answer = '';
    while (!answer.startsWith('HTTP/1.1 503')) {
      const socket = await open(ocp);
      await write(socket, head(chat, `Content-Length: ${4 * MIB}`, 'Expect: 100-continue'));
      socket.resume();
      answer = String(await new Promise((resolve) => socket.once('data', resolve)));
      socket.destroy();
    }
    assert.match(answer, /retry-after: \d+\r\n[^]*"code":"bodies_full"/iu);
    for (const each of [...announced, ...waiting]) each.destroy();
    let status = 503;
    while (status === 503) status = (await post(ocp, 'x'.repeat(4 * MIB))).status;
    assert.equal(status, 400);
  });

  test('whoever has a body there gets half of the room at most, so that others find some', () => {
    const budget = new BodyBudget(100);
    const mine = [budget.open('me'), budget.open('me'), budget.open('me')] as const;
    const refused = (work: () => void): void => assert.throws(work, { code: 'bodies_full' });
    mine[0].growTo(30);
    mine[1].growTo(20);
    refused(() => mine[2].growTo(1));
    refused(() => mine[1].growTo(21));
    const yours = budget.open('you');
    yours.growTo(50);
    refused(() => yours.growTo(51));
    for (const share of mine) share.release();
    assert.equal(budget.usedBytes, 50);
    yours.growTo(100);
    refused(() => budget.open('me').requireRoom(1));
    yours.release();
    assert.equal(budget.usedBytes, 0);
  });
});

suite('how a body may be written', () => {
  let ocp: Ocp;
  before(async () => {
    ocp = await startOcp({ env: { CLAUDE_BIN: fakeClaudeBinary }, config: { maxBodySize: MIB } });
  });
  after(async () => ocp[Symbol.asyncDispose]());

  const plain = Buffer.from(JSON.stringify(question('hello')));
  const encodings = {
    gzip: gzipSync,
    'x-gzip': gzipSync,
    deflate: deflateSync,
    'Deflate ': deflateRawSync,
    br: brotliCompressSync,
    zstd: zstdCompressSync,
    identity: (bytes: Buffer) => bytes,
  };
  for (const [encoding, encode] of Object.entries(encodings)) {
    test(`in ${encoding}, counted as it is when decoded`, async () => {
      const headers = { 'content-encoding': encoding };
      assert.equal((await post(ocp, encode(plain), headers)).status, 200);
      const bomb = encode(Buffer.alloc(64 * MIB, ' '));
      const refused = await post(ocp, bomb, headers);
      assert.deepEqual([refused.status, (await errorOf(refused)).code], [413, 'body_too_large']);
    });
  }

  test('not in an encoding that is not known, nor cut off in the middle of one', async () => {
    const unknown = await post(ocp, plain, { 'content-encoding': 'compress' });
    assert.equal(unknown.status, 415);
    assert.match((await errorOf(unknown)).message, /'compress'/u);
    const cut = await post(ocp, gzipSync(plain).subarray(0, -12), { 'content-encoding': 'gzip' });
    assert.deepEqual([cut.status, (await errorOf(cut)).code], [400, 'invalid_json']);
  });

  test('with a byte order mark, and in UTF-8 alone', async () => {
    assert.equal((await post(ocp, Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), plain]))).status, 200);
    const latin1 = Buffer.from(JSON.stringify(question('größer')), 'latin1');
    const refused = await post(ocp, latin1);
    assert.equal(refused.status, 400);
    assert.match((await errorOf(refused)).message, /UTF-8/u);
  });

  test('not at all, where a request deletes', async () => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${ocp.url}/v1/responses/resp_1`, { method: 'DELETE', headers });
    assert.deepEqual([response.status, (await errorOf(response)).code], [404, 'not_found']);
  });
});
