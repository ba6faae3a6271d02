import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import { EventQueue } from '../../src/claude/event-queue.ts';

interface Source {
  readonly queue: EventQueue<number>;
  readonly calls: readonly string[];
  readonly isPaused: () => boolean;
}

function source(limit: number): Source {
  const calls: string[] = [];
  const flow = { pause: () => void calls.push('pause'), resume: () => void calls.push('resume') };
  return { queue: new EventQueue<number>(flow, limit), calls, isPaused: () => calls.at(-1) === 'pause' };
}

async function readAll(queue: EventQueue<number>): Promise<readonly number[]> {
  const values: number[] = [];
  for await (const value of queue) values.push(value);
  return values;
}

suite('the queue between a worker and its reader', () => {
  test('loses and reorders nothing, and holds no more than the limit while its source obeys', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.constantFrom('push', 'read')),
        async (limit, steps) => {
          const { queue, isPaused } = source(limit);
          const reads: Promise<IteratorResult<number, undefined>>[] = [];
          let pushed = 0;
          let isReading = false;
          for (const step of steps) {
            if (step === 'push' && !isPaused()) {
              queue.push(pushed);
              pushed += 1;
            } else if (step === 'read' && !isReading) {
              isReading = true;
              reads.push(queue.next().finally(() => (isReading = false)));
              // A read that waits is still open after this; one that found a value is not.
              await Promise.resolve();
              await Promise.resolve();
            }
            assert.ok(pushed - reads.length <= limit, 'more is held than the limit');
          }
          queue.end();
          const read = (await Promise.all(reads)).flatMap((result) => (result.done === true ? [] : [result.value]));
          const rest = await readAll(queue);
          assert.deepEqual(
            [...read, ...rest],
            Array.from({ length: pushed }, (_, index) => index),
          );
        },
      ),
    );
  });

  test('pauses its source once at the limit and resumes it once, when all is read', async () => {
    const { queue, calls } = source(2);
    for (const value of [1, 2, 3]) queue.push(value);
    assert.deepEqual(calls, ['pause']);
    await queue.next();
    await queue.next();
    assert.deepEqual(calls, ['pause']);
    await queue.next();
    assert.deepEqual(calls, ['pause', 'resume']);
  });

  test('gives an error after the values before it', async () => {
    const { queue } = source(8);
    queue.push(1);
    queue.end(new Error('broken'));
    queue.push(2);
    assert.deepEqual(await queue.next(), { done: false, value: 1 });
    await assert.rejects(queue.next(), /broken/);
  });

  test('wakes a waiting reader, with the value, the end or the error', async () => {
    const valued = source(8).queue;
    const value = valued.next();
    valued.push(7);
    assert.deepEqual(await value, { done: false, value: 7 });
    const ended = source(8).queue;
    const end = ended.next();
    ended.end();
    assert.deepEqual(await end, { done: true, value: undefined });
    const failed = source(8).queue;
    const failure = failed.next();
    failed.end(new Error('broken'));
    await assert.rejects(failure, /broken/);
  });

  test('lets the source run on when the reader has left, and drops what it still gives', async () => {
    const { queue, calls } = source(1);
    queue.push(1);
    assert.deepEqual(calls, ['pause']);
    await queue.return();
    queue.push(2);
    assert.deepEqual(calls, ['pause', 'resume']);
    assert.deepEqual(await readAll(queue), []);
  });

  test('tells of its first value, or of an end without one', async () => {
    for (const step of ['push', 'end'] as const) {
      const { queue } = source(8);
      let isKnown = false;
      void queue.first.then(() => (isKnown = true));
      await Promise.resolve();
      assert.equal(isKnown, false);
      if (step === 'push') queue.push(1);
      else queue.end();
      await queue.first;
      assert.equal(isKnown, true);
    }
  });
});
