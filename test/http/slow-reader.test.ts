import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { suite, test } from 'node:test';
import { startSimulator, textAnswer } from '../../simulator/index.ts';
import { untilHealth } from '../support/health.ts';
import { startOcp } from '../support/ocp.ts';
import { until } from '../support/processes.ts';
import { createSite, serve } from '../support/serve-process.ts';
import { chat } from '../support/turns.ts';

const tokens = 100_000;

function* words(count: number): Generator<string, void> {
  for (let index = 0; index < count; index += 1) yield `${index} `;
}

/** A client that asks for a stream and then takes nothing of it. */
function askAndPause(ocp: { readonly url: string }): Socket {
  const { hostname, port } = new URL(ocp.url);
  const socket = connect(Number(port), hostname);
  const body = JSON.stringify({ model: 'sonnet', stream: true, messages: [{ role: 'user', content: 'Talk' }] });
  socket.pause();
  socket.on('error', () => {});
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n` +
      `content-length: ${body.length}\r\n\r\n${body}`,
  );
  return socket;
}

/** Bytes that a process has read, and the memory that it takes. */
function readings(pid: number): { readonly read: number; readonly resident: number } {
  const number = (file: string, name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'mu').exec(readFileSync(`/proc/${pid}/${file}`, 'utf8'))?.[1]);
  return { read: number('io', 'rchar'), resident: number('status', 'VmRSS') * 1024 };
}

suite('a client that does not read', { timeout: 240_000 }, () => {
  test('holds back OCP, whose memory stays flat, and gets everything in order once it reads', async (t) => {
    await using simulator = await startSimulator({ script: [{ reply: textAnswer(words(tokens)) }] });
    const ocp = await serve(createSite(t, simulator.url));
    await untilHealth(ocp, ({ workers }) => workers.spares > 0);
    const before = readings(ocp.pid);
    const socket = askAndPause(ocp);
    t.after(() => socket.destroy());
    // The CLI itself takes all that the API gives; OCP must not.
    await simulator.log.waitFor(({ outcome, body }) => outcome === 'completed' && body !== undefined, {
      timeoutMs: 30_000,
    });
    const paused = readings(ocp.pid);
    const pieces: Buffer[] = [];
    let end = '';
    socket.on('data', (piece) => {
      pieces.push(piece);
      end = (end + piece.toString('latin1')).slice(-20);
    });
    socket.resume();
    await until(() => end.includes('[DONE]'), 30_000);
    const whole = readings(ocp.pid).read - before.read;
    assert.ok(paused.read - before.read < whole / 3, `${paused.read - before.read} of ${whole} bytes were taken in`);
    assert.ok(paused.resident - before.resident < whole, `${paused.resident - before.resident} bytes were held`);
    const said = [
      ...Buffer.concat(pieces)
        .toString('utf8')
        .matchAll(/"content":"(\d+) "/gu),
    ];
    assert.equal(said.length, tokens);
    assert.ok(
      said.every(([, index], place) => Number(index) === place),
      'the words are out of order',
    );
  });

  test('is cut off after a time, and frees its place and its worker', async () => {
    await using ocp = await startOcp({ limits: { slowReaderMs: 300 } });
    ocp.simulator.setScript([{ reply: textAnswer(words(tokens)) }]);
    const socket = askAndPause(ocp);
    await until(() => ocp.log.some((line) => line.includes('"outcome":"client_closed"')), 30_000);
    await untilHealth(ocp, ({ concurrency, workers }) => concurrency.inflight + workers.busy === 0);
    ocp.simulator.setScript([]);
    assert.equal((await chat(ocp, '[[text:next]]')).text, 'next');
    let received = '';
    socket.on('data', (piece) => {
      received += piece.toString('latin1').slice(-20);
    });
    socket.resume();
    await once(socket, 'close');
    assert.ok(!received.includes('[DONE]'));
  });
});
