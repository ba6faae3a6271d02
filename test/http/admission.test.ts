import assert from 'node:assert/strict';
import { after, afterEach, before, suite, test } from 'node:test';
import type { RequestRecord } from '../../simulator/index.ts';
import { textAnswer } from '../../simulator/index.ts';
import { send as adminSend } from '../support/admin.ts';
import { untilHealth, workerHealth } from '../support/health.ts';
import type { Ocp } from '../support/ocp.ts';
import { startOcp } from '../support/ocp.ts';
import { isAlive } from '../support/processes.ts';
import { chat, processOf, readToEnd, stream } from '../support/turns.ts';

const maxConcurrent = 2;
const maxQueue = 2;

suite('admission', () => {
  let ocp: Ocp;

  before(async () => {
    ocp = await startOcp({ config: { maxConcurrent, maxQueue, queueRetryAfter: 7 } });
  });
  after(async () => ocp[Symbol.asyncDispose]());
  afterEach(async () => {
    await untilHealth(ocp, ({ concurrency, workers }) => concurrency.inflight + workers.busy === 0);
    ocp.simulator.setScript([]);
    ocp.simulator.log.clear();
  });

  const records = (): readonly RequestRecord[] => ocp.simulator.log.messages();
  const open = (): readonly RequestRecord[] =>
    records().filter(({ body, outcome }) => body !== undefined && outcome === 'open');

  /** Requests whose answers begin but never end, until they are hung up. */
  async function occupy(places: number): Promise<AbortController> {
    const controller = new AbortController();
    ocp.simulator.setScript([
      { when: { text: 'stay' }, reply: textAnswer(['one ', 'two '], { fault: { kind: 'stall', afterTokens: 1 } }) },
    ]);
    const streams = await Promise.all(
      Array.from({ length: places }, async () => stream(ocp, 'stay', { signal: controller.signal })),
    );
    assert.equal(streams.length, places);
    return controller;
  }

  test('never lets more turns through than the limit, and in the end all of them', async () => {
    let most = 0;
    const watching = ocp.simulator.log.waitFor(
      () => {
        most = Math.max(most, open().length);
        return records().filter(({ outcome }) => outcome === 'completed').length === maxConcurrent + maxQueue;
      },
      { timeoutMs: 30_000 },
    );
    const answers = await Promise.all(
      Array.from({ length: maxConcurrent + maxQueue }, async (_, index) => chat(ocp, `[[text:${index}]][[delay:200]]`)),
    );
    assert.deepEqual(
      answers.map(({ text }) => text),
      ['0', '1', '2', '3'],
    );
    await watching;
    // Less where the machine starts workers more slowly than they answer; that all places are used, the next tests show.
    assert.ok(most <= maxConcurrent, `${most} at once`);
  });

  test('answers 429 with Retry-After when the queue is full, and disturbs nobody by it', async () => {
    const held = await occupy(maxConcurrent);
    const queued = ['[[text:third]]', '[[text:fourth]]'].map(async (text) => chat(ocp, text));
    await untilHealth(ocp, ({ concurrency }) => concurrency.queued === maxQueue);
    const refused = await chat(ocp, 'one too many');
    assert.deepEqual([refused.status, refused.code], [429, 'queue_full']);
    assert.equal(refused.headers.get('retry-after'), '7');
    const { concurrency } = await workerHealth(ocp);
    assert.deepEqual([concurrency.inflight, concurrency.queued, concurrency.queueRejections], [2, 2, 1]);
    held.abort();
    const answers = await Promise.all(queued);
    assert.deepEqual(
      answers.map(({ text }) => text),
      ['third', 'fourth'],
    );
    assert.doesNotMatch(JSON.stringify(records().map(({ body }) => body)), /one too many/u);
  });

  test('frees the place of a client that hangs up while it waits, and asks nothing for it', async () => {
    const held = await occupy(maxConcurrent);
    const hangUp = new AbortController();
    const waiting = chat(ocp, 'never mind', { signal: hangUp.signal });
    await untilHealth(ocp, ({ concurrency }) => concurrency.queued === 1);
    hangUp.abort();
    await assert.rejects(waiting, { name: 'AbortError' });
    await untilHealth(ocp, ({ concurrency }) => concurrency.queued === 0);
    assert.equal((await workerHealth(ocp)).concurrency.inflight, maxConcurrent);
    held.abort();
    assert.equal((await chat(ocp, '[[text:next]]')).text, 'next');
    assert.doesNotMatch(JSON.stringify(records().map(({ body }) => body)), /never mind/u);
  });

  test('frees the place of a client that hangs up while it reads, and closes the call of the API', async () => {
    const held = await occupy(maxConcurrent);
    const next = chat(ocp, '[[text:next]]');
    await untilHealth(ocp, ({ concurrency }) => concurrency.queued === 1);
    const workers = open().map(processOf);
    held.abort();
    await ocp.simulator.log.waitFor(
      () => records().filter(({ outcome }) => outcome === 'client_closed').length === maxConcurrent,
    );
    // A worker that does not obey is killed in the end, which closes its calls too, but late.
    assert.deepEqual(workers.map(isAlive), [true, true]);
    assert.equal((await next).text, 'next');
  });

  test('closes the call of the API of a client that hangs up before the first word', async () => {
    ocp.simulator.setScript([{ reply: { kind: 'silent' }, times: 1 }]);
    const hangUp = new AbortController();
    const waiting = chat(ocp, 'Hello?', { signal: hangUp.signal });
    const record = await ocp.simulator.log.waitFor(({ body, path }) => body !== undefined && path === '/v1/messages');
    const worker = processOf(record);
    hangUp.abort();
    await assert.rejects(waiting, { name: 'AbortError' });
    await ocp.simulator.log.waitFor(({ id, outcome }) => id === record.id && outcome === 'client_closed');
    assert.ok(isAlive(worker), 'the call was closed only by killing its worker');
    assert.equal(records().length, 1);
  });

  test('lets those who wait begin at once when the admin raises the limit', async () => {
    const held = await occupy(maxConcurrent);
    const waiting = chat(ocp, '[[text:third]]');
    await untilHealth(ocp, ({ concurrency }) => concurrency.queued === 1);
    const patch = async (value: number | null): Promise<number> =>
      (await adminSend(ocp, 'PATCH', '/settings', { maxConcurrent: value })).status;
    assert.equal(await patch(maxConcurrent + 1), 200);
    assert.equal((await waiting).text, 'third');
    assert.equal(await patch(null), 200);
    held.abort();
  });

  test('serves a stream that had to wait like any other', async () => {
    const held = await occupy(maxConcurrent);
    const waiting = stream(ocp, '[[pieces:["one ","two"]]]');
    await untilHealth(ocp, ({ concurrency }) => concurrency.queued === 1);
    held.abort();
    assert.deepEqual(await readToEnd(await waiting), { text: 'one two', errorCode: undefined, isDone: true });
  });
});
