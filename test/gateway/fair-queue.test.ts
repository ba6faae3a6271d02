import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import { FairQueue } from '../../src/gateway/admission.ts';
import { OcpError } from '../../src/wire/errors.ts';

/** One request of a caller: where it stands, and how to end it. */
interface Visit {
  readonly caller: string;
  state: 'waiting' | 'running' | 'refused' | 'gone' | 'done';
  error: unknown;
  readonly giveUp: () => void;
  leave: (() => void) | undefined;
}

class Doorman {
  readonly queue: FairQueue;
  readonly visits: Visit[] = [];
  /** Callers in the order in which they got a place. */
  readonly served: string[] = [];
  maxRunning: number;

  constructor(maxRunning: number, maxQueued: number) {
    this.maxRunning = maxRunning;
    this.queue = new FairQueue({ maxRunning: () => this.maxRunning, maxQueued, retryAfterSeconds: 7 });
  }

  async arrive(...callers: readonly string[]): Promise<void> {
    for (const caller of callers) {
      const abort = new AbortController();
      const giveUp = (): void => abort.abort(new OcpError('client_closed', 'The client hung up.'));
      const visit: Visit = { caller, state: 'waiting', error: undefined, giveUp, leave: undefined };
      this.visits.push(visit);
      this.queue.enter(caller, abort.signal).then(
        (leave) => {
          visit.state = 'running';
          visit.leave = leave;
          this.served.push(caller);
        },
        (error: unknown) => {
          visit.error = error;
          visit.state = error instanceof OcpError && error.code === 'queue_full' ? 'refused' : 'gone';
        },
      );
      await settled();
    }
  }

  in(state: Visit['state'], caller?: string): readonly Visit[] {
    return this.visits.filter((visit) => visit.state === state && (caller === undefined || visit.caller === caller));
  }

  /** The oldest running request, of this caller if one is named, is over. */
  async finish(caller?: string): Promise<void> {
    const [visit] = this.in('running', caller);
    if (visit === undefined) return;
    visit.state = 'done';
    visit.leave?.();
    await settled();
  }

  /** Serves everybody who waits; gives the order. */
  async serveAll(): Promise<readonly string[]> {
    const before = this.served.length;
    while (this.in('running').length > 0) await this.finish();
    return this.served.slice(before);
  }
}

/** All promises that can settle by now have. */
async function settled(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}

suite('places for turns', () => {
  test('are never more than the limit, none is lost, and the numbers are true', async () => {
    const step = fc.record({
      kind: fc.constantFrom('arrive', 'arrive', 'finish', 'give up', 'finish twice'),
      caller: fc.constantFrom('ada', 'bob', 'eve'),
      at: fc.nat({ max: 20 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 0, max: 4 }),
        fc.array(step, { maxLength: 30 }),
        async (maxRunning, maxQueued, steps) => {
          const doorman = new Doorman(maxRunning, maxQueued);
          for (const { kind, caller, at } of steps) {
            if (kind === 'arrive') await doorman.arrive(caller);
            else if (kind === 'finish') await doorman.finish(caller);
            else if (kind === 'give up') doorman.in('waiting')[at]?.giveUp();
            else doorman.in('done')[at]?.leave?.();
            await settled();
            const [running, waiting] = [doorman.in('running').length, doorman.in('waiting').length];
            assert.deepEqual([doorman.queue.running, doorman.queue.queued], [running, waiting]);
            assert.equal(doorman.queue.rejections, doorman.in('refused').length);
            assert.ok(running <= maxRunning && waiting <= maxQueued);
            assert.ok(waiting === 0 || running === maxRunning, 'somebody waits although a place is free');
          }
          await doorman.serveAll();
          assert.deepEqual([doorman.queue.running, doorman.queue.queued], [0, 0]);
          assert.deepEqual(doorman.in('waiting'), []);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('let nobody wait behind more than one request of each other caller', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3 }),
        fc.array(fc.constantFrom('ada', 'bob', 'eve'), { maxLength: 15 }),
        async (maxRunning, crowd) => {
          const doorman = new Doorman(maxRunning, 100);
          await doorman.arrive(...crowd, 'newcomer');
          const order = await doorman.serveAll();
          const before = order.slice(0, order.indexOf('newcomer'));
          for (const caller of new Set(before)) {
            assert.ok(
              before.filter((other) => other === caller).length <= 1,
              `${caller} went first twice: ${before.join()}`,
            );
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test('go in turns between two callers, also when there is only one place', async () => {
    const doorman = new Doorman(1, 100);
    await doorman.arrive('ada', 'ada', 'ada', 'ada', 'bob', 'bob');
    assert.deepEqual(await doorman.serveAll(), ['bob', 'ada', 'bob', 'ada', 'ada']);
  });

  test('are not held back from one who has asked for many before and given up', async () => {
    const doorman = new Doorman(1, 100);
    await doorman.arrive('ada', 'bob', 'bob', 'bob');
    for (const visit of doorman.in('waiting')) visit.giveUp();
    await settled();
    await doorman.arrive('eve', 'eve', 'bob');
    assert.deepEqual(await doorman.serveAll(), ['eve', 'bob', 'eve']);
  });

  test('are kept in order for one caller', async () => {
    const doorman = new Doorman(1, 100);
    await doorman.arrive('ada', 'ada', 'ada');
    const [, second, third] = doorman.visits;
    await doorman.finish();
    assert.deepEqual([second?.state, third?.state], ['running', 'waiting']);
  });

  test('are taken from whoever waits with most when the queue is full', async () => {
    const doorman = new Doorman(1, 3);
    await doorman.arrive('ada', 'ada', 'ada', 'ada');
    await doorman.arrive('bob');
    const [newest] = doorman.in('refused');
    assert.equal(newest, doorman.visits[3]);
    assert.ok(newest?.error instanceof OcpError);
    assert.deepEqual([newest.error.status, newest.error.retryAfterSeconds], [429, 7]);
    assert.equal(doorman.in('waiting', 'bob').length, 1);
    await doorman.arrive('ada');
    assert.equal(doorman.visits.at(-1)?.state, 'refused');
    assert.equal(doorman.queue.rejections, 2);
  });

  test('are refused at once to one who has already gone', async () => {
    const doorman = new Doorman(1, 3);
    await assert.rejects(doorman.queue.enter('ada', AbortSignal.abort(new Error('gone'))), /gone/);
    assert.equal(doorman.queue.running, 0);
  });

  test('follow the limit when it is changed', async () => {
    const doorman = new Doorman(1, 10);
    await doorman.arrive('ada', 'ada', 'ada', 'ada');
    doorman.maxRunning = 3;
    await doorman.arrive('bob');
    assert.equal(doorman.queue.running, 3);
    doorman.maxRunning = 1;
    await doorman.finish();
    assert.equal(doorman.queue.running, 2);
  });
});
