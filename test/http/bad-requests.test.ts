import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, suite, test } from 'node:test';
import { text } from 'node:stream/consumers';
import { fakeClaudeBinary } from '../support/fake-claude.ts';
import type { Ocp } from '../support/ocp.ts';
import { startOcp } from '../support/ocp.ts';
import { errorOf, post, question } from './chat-support.ts';

const chatPath = '/v1/chat/completions';

suite('requests that are no requests', () => {
  let ocp: Ocp;
  let workers: unknown;

  before(async () => {
    ocp = await startOcp({ env: { CLAUDE_BIN: fakeClaudeBinary } });
    // The first spare comes up by itself; from here on nothing may be started, taken or used up.
    const isReady = async (): Promise<boolean> => {
      workers = (await ocp.health())['workers'];
      return (workers as { spares: number }).spares === 1;
    };
    while (!(await isReady())) await new Promise((resolve) => setTimeout(resolve, 20));
  });
  after(async () => {
    try {
      const { workers: now, stats } = await ocp.health();
      assert.deepEqual(now, workers, 'a worker was touched');
      assert.deepEqual([(stats as Record<string, unknown>)['totalRequests'], ocp.simulator.log.messages()], [0, []]);
      assert.deepEqual(
        ocp.log.filter((line) => line.includes('request_failed')),
        [],
      );
    } finally {
      await ocp[Symbol.asyncDispose]();
    }
  });

  const user = { role: 'user', content: 'x' };
  const messages = (list: unknown): object => ({ model: 'sonnet', messages: list });
  const deep = `{"model":"sonnet","messages":[{"role":"user","content":"x"}],"a":${'['.repeat(1e5)}${']'.repeat(1e5)}}`;

  const bodies: readonly (readonly [string, unknown, string | null])[] = [
    ['JSON that is cut off', '{"model":', null],
    ['nothing', '', null],
    ['null', 'null', null],
    ['an array', '[]', null],
    ['a number', '5', null],
    ['no messages', { model: 'sonnet' }, 'messages'],
    ['messages that are null', messages(null), 'messages'],
    ['messages that are a string', messages('hi'), 'messages'],
    ['empty messages', messages([]), 'messages'],
    ['a message that is null', messages([user, null]), 'messages[1]'],
    ['a message without a role', messages([{ content: 'x' }]), 'messages[0].role'],
    ['a message of an unknown role', messages([{ role: 'robot', content: 'x' }]), 'messages[0].role'],
    ['a message without content', messages([{ role: 'user' }]), 'messages[0].content'],
    ['content that is a number', messages([{ role: 'user', content: 5 }]), 'messages[0].content'],
    ['empty content', messages([{ role: 'user', content: '' }]), 'messages[0].content'],
    [
      'a part without its text',
      messages([{ role: 'user', content: [{ type: 'text' }] }]),
      'messages[0].content[0].text',
    ],
    ['an unknown part', messages([{ role: 'user', content: [{ type: 'video' }] }]), 'messages[0].content[0].type'],
    ['a result without its call', messages([{ ...user, role: 'tool', tool_call_id: 'a' }]), 'messages[0].tool_call_id'],
    ['an answer at the end', messages([user, { role: 'assistant', content: 'y' }]), 'messages[1].role'],
    ['a model that is a number', { ...question('x'), model: 5 }, 'model'],
    ['stream that is a string', question('x', { stream: 'yes' }), 'stream'],
    ['a negative limit', question('x', { max_tokens: -1 }), 'max_tokens'],
    ['a fraction of a token', question('x', { max_completion_tokens: 1.5 }), 'max_completion_tokens'],
    ['stop that is an object', question('x', { stop: {} }), 'stop'],
    ['an unknown effort', question('x', { reasoning_effort: 'huge' }), 'reasoning_effort'],
    ['tools that are a string', question('x', { tools: 'x' }), 'tools'],
    ['n of zero', question('x', { n: 0 }), 'n'],
    ['JSON nested a hundred thousand deep', deep, null],
    ['bytes that are no text', new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]), null],
  ];
  for (const [name, body, param] of bodies) {
    test(`${name}: 400${param === null ? '' : ` that names ${param}`}`, async () => {
      const response = await post(ocp, body);
      const error = await errorOf(response);
      assert.equal(response.status, 400);
      assert.deepEqual([error.type, error.param], ['invalid_request_error', param]);
      assert.notEqual(error.message, '');
    });
  }

  test('a body of 40 MB is a 413, sent or only announced', async () => {
    const response = await post(ocp, question('x'.repeat(40_000_000)));
    assert.equal(response.status, 413);
    assert.equal((await errorOf(response)).code, 'body_too_large');

    const socket = connect(Number(new URL(ocp.url).port), '127.0.0.1');
    const head = `POST ${chatPath} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 40000000`;
    socket.write(`${head}\r\n\r\n{`);
    assert.match(await text(socket), /^HTTP\/1\.1 413 [^]*"code":"body_too_large"/u);
  });

  test('a client that leaves in the middle of its body is no failure of OCP', async () => {
    const socket = connect(Number(new URL(ocp.url).port), '127.0.0.1');
    socket.write(`POST ${chatPath} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n`);
    socket.write('Expect: 100-continue\r\nContent-Length: 100\r\n\r\n{"model":');
    // The interim answer tells that the body is being read.
    await once(socket, 'data');
    socket.destroy();
    await once(socket, 'close');
    assert.equal((await ocp.health())['status'], 'ok');
  });

  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
    test(`${type} is a 415`, async () => {
      const response = await post(ocp, JSON.stringify(question('x')), { 'content-type': type });
      assert.equal(response.status, 415);
      assert.equal((await errorOf(response)).code, 'unsupported_media_type');
    });
  }

  const nowhere = [
    ['POST', '/v1/nope'],
    ['POST', '/v1/completions'],
    ['GET', '/'],
  ] as const;
  for (const [method, path] of nowhere) {
    test(`${method} ${path} is a 404`, async () => {
      const response = await fetch(`${ocp.url}${path}`, { method, headers: { 'content-type': 'application/json' } });
      assert.equal(response.status, 404);
      const error = await errorOf(response);
      assert.deepEqual([error.type, error.code], ['invalid_request_error', 'not_found']);
    });
  }

  test('a path that cannot be decoded has the shape of every other error', async () => {
    const response = await fetch(`${ocp.url}/v1/models/%zz`);
    assert.equal(response.status, 400);
    assert.equal((await errorOf(response)).code, 'invalid_request');
  });

  test('a query string changes nothing', async () => {
    const response = await fetch(`${ocp.url}${chatPath}?api-version=1`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"messages":[]}',
    });
    assert.equal((await errorOf(response)).param, 'messages');
  });
});
