import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { after, before, suite, test } from 'node:test';
import type { Simulator } from '../../simulator/index.ts';
import { startSimulator, textAnswer } from '../../simulator/index.ts';
import { untilHealth } from '../support/health.ts';
import { startOcp } from '../support/ocp.ts';
import { until } from '../support/processes.ts';
import { createSite, serve } from '../support/serve-process.ts';
import { chat, readToEnd, stream } from '../support/turns.ts';

/** Whether nobody listens there any more. */
async function isClosed(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const isOpen = once(socket, 'connect').then(
    () => true,
    () => false,
  );
  const result = await isOpen;
  socket.destroy();
  return !result;
}

interface Question {
  readonly content: string;
  readonly stream?: boolean;
}

/** One connection to OCP as it is: it can be paused, and asks again while an answer is on its way. */
interface Connection {
  readonly socket: Socket;
  readonly ask: (question: Question) => void;
  /** What has come so far. */
  readonly text: () => string;
  /** All of it, once the connection is closed. */
  readonly received: Promise<string>;
}

function request(url: string, first: Question): Connection {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const ask = ({ content, stream = false }: Question): void => {
    const body = JSON.stringify({ model: 'sonnet', stream, messages: [{ role: 'user', content }] });
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n` +
        `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  };
  ask(first);
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString('utf8');
  });
  socket.on('error', () => {});
  return { socket, ask, text: () => text, received: once(socket, 'close').then(() => text) };
}

suite('stopping', { timeout: 240_000 }, () => {
  let simulator: Simulator;

  before(async () => {
    simulator = await startSimulator();
  });
  after(async () => simulator.close());

  test('on SIGTERM answers end first, no new ones begin, and nothing is left', async (t) => {
    const site = createSite(t, simulator.url);
    const ocp = await serve(site);
    simulator.setScript([{ reply: textAnswer(['one ', 'two ', 'three'], { tokenDelayMs: 300 }) }]);
    const streaming = await stream(ocp, 'Count');
    const whole = chat(ocp, 'Count');
    await simulator.log.waitFor(() => simulator.log.messages().filter(({ tokensSent }) => tokensSent > 0).length === 2);
    ocp.child.kill('SIGTERM');
    await until(async () => isClosed(ocp.url));
    assert.deepEqual(await readToEnd(streaming), { text: 'one two three', errorCode: undefined, isDone: true });
    assert.equal((await whole).text, 'one two three');
    const { code, signal } = await ocp.ended;
    assert.deepEqual([code, signal], [0, null]);
    assert.deepEqual(site.processes(), []);
    assert.deepEqual(site.runFolders(), []);
  });

  test('on SIGTERM with nothing to do takes no longer than it must', async (t) => {
    const site = createSite(t, simulator.url);
    const ocp = await serve(site);
    ocp.child.kill('SIGTERM');
    const { code } = await ocp.ended;
    assert.equal(code, 0);
    assert.deepEqual([site.processes(), site.runFolders()], [[], []]);
  });

  test('on a second SIGTERM OCP goes at once, and its reaper ends the rest', async (t) => {
    const site = createSite(t, simulator.url);
    const ocp = await serve(site);
    simulator.setScript([{ reply: textAnswer(['one ', 'two'], { fault: { kind: 'stall', afterTokens: 1 } }) }]);
    await stream(ocp, 'Count');
    ocp.child.kill('SIGTERM');
    await until(async () => isClosed(ocp.url));
    ocp.child.kill('SIGTERM');
    const { code, signal } = await ocp.ended;
    assert.deepEqual([code, signal], [1, null]);
    await until(() => site.processes().length === 0 && site.runFolders().length === 0, 10_000);
  });

  test('lets an answer reach a reader that has yet to take it', async (t) => {
    const ocp = await startOcp();
    t.after(async () => ocp[Symbol.asyncDispose]());
    const text = 'x'.repeat(8_000_000);
    ocp.simulator.setScript([{ reply: textAnswer([text]) }]);
    const reader = request(ocp.url, { content: 'Hello' });
    reader.socket.pause();
    await untilHealth(
      ocp,
      ({ workers, concurrency }) => workers.origins.spare + workers.origins.started + concurrency.inflight === 1,
    );
    await untilHealth(ocp, ({ concurrency }) => concurrency.inflight === 0);
    const stopped = ocp.stop();
    await until(async () => isClosed(ocp.url));
    reader.socket.resume();
    assert.ok((await reader.received).includes(text), 'the answer was cut');
    await stopped;
  });

  test('ends in time although a reader takes nothing', async (t) => {
    const ocp = await startOcp({ limits: { stopGraceMs: 300 } });
    t.after(async () => ocp[Symbol.asyncDispose]());
    ocp.simulator.setScript([{ reply: textAnswer(['x'.repeat(8_000_000)]) }]);
    const reader = request(ocp.url, { content: 'Hello' });
    reader.socket.pause();
    await untilHealth(
      ocp,
      ({ workers, concurrency }) => workers.origins.spare + workers.origins.started + concurrency.inflight === 1,
    );
    await untilHealth(ocp, ({ concurrency }) => concurrency.inflight === 0);
    await ocp.stop();
    reader.socket.resume();
    assert.ok((await reader.received).length < 8_000_000);
  });

  test('begins nothing that still comes over a connection that is in use', async (t) => {
    const ocp = await startOcp();
    t.after(async () => ocp[Symbol.asyncDispose]());
    ocp.simulator.setScript([{ reply: textAnswer(['one ', 'two'], { tokenDelayMs: 400 }) }]);
    const streaming = request(ocp.url, { content: 'Count', stream: true });
    await until(() => streaming.text().includes('one '));
    const stopped = ocp.stop();
    streaming.ask({ content: 'Too late' });
    assert.match(
      await streaming.received,
      /^HTTP\/1\.1 200 .*\[DONE\].*HTTP\/1\.1 503 .*connection: close.*shutting_down/isu,
    );
    await stopped;
    assert.equal(ocp.simulator.log.messages().length, 1);
  });

  test('cuts answers off that take too long, with an error that says why', async (t) => {
    const ocp = await startOcp({ limits: { stopGraceMs: 200 } });
    t.after(async () => ocp[Symbol.asyncDispose]());
    ocp.simulator.setScript([
      { when: { text: 'Count' }, reply: textAnswer(['one ', 'two'], { fault: { kind: 'stall', afterTokens: 1 } }) },
      { reply: { kind: 'silent' } },
    ]);
    const streaming = await stream(ocp, 'Count');
    const whole = chat(ocp, 'Wait');
    await ocp.simulator.log.waitFor(({ body }) => JSON.stringify(body ?? '').includes('Wait'));
    const stopped = ocp.stop();
    const { text, errorCode } = await readToEnd(streaming);
    assert.deepEqual([text, errorCode], ['one ', 'shutting_down']);
    const { status, code } = await whole;
    assert.deepEqual([status, code], [503, 'shutting_down']);
    await stopped;
    assert.deepEqual(
      ocp.simulator.log.messages().map(({ outcome }) => outcome),
      ['client_closed', 'client_closed'],
    );
  });
});
