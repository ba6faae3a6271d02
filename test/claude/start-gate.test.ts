import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { StartGate } from '../../src/claude/start-gate.ts';

interface Process {
  readonly name: number;
  readonly up: Promise<void>;
  readonly rise: () => void;
  readonly fall: () => void;
}

/** Processes as they are begun, and their promises. */
function crowd(gate: StartGate): { begun: Process[]; start: (name: number, signal?: AbortSignal) => Promise<Process> } {
  const begun: Process[] = [];
  const start = async (name: number, signal?: AbortSignal): Promise<Process> =>
    gate.start(
      async () => {
        const { promise, resolve, reject } = Promise.withResolvers<void>();
        const process = { name, up: promise, rise: resolve, fall: () => reject(new Error('it fell')) };
        begun.push(process);
        return process;
      },
      async ({ up }) => up,
      signal,
    );
  return { begun, start };
}

const settled = async (): Promise<void> => new Promise(setImmediate);

suite('the gate of starts', () => {
  test('lets so many begin at a time, the others in their order as one is up or has fallen', async () => {
    const { begun, start } = crowd(new StartGate(2));
    const all = [1, 2, 3, 4, 5].map(async (name) => start(name));
    const names = (): readonly number[] => begun.map(({ name }) => name);
    await settled();
    assert.deepEqual(names(), [1, 2]);
    begun[1]?.rise();
    await settled();
    assert.deepEqual(names(), [1, 2, 3]);
    begun[0]?.fall();
    begun[2]?.rise();
    await settled();
    assert.deepEqual(names(), [1, 2, 3, 4, 5]);
    assert.deepEqual(
      (await Promise.all(all)).map(({ name }) => name),
      [1, 2, 3, 4, 5],
    );
  });

  test('gives the place of one that could not be begun to the next', async () => {
    const gate = new StartGate(1);
    const { begun, start } = crowd(gate);
    const failed = gate.start(
      async () => Promise.reject(new Error('no room')),
      async () => {},
    );
    const next = start(1);
    await assert.rejects(failed, /no room/);
    await next;
    assert.equal(begun.length, 1);
  });

  test('begins nothing for those who have left, and lets nobody wait for them', async () => {
    const { begun, start } = crowd(new StartGate(1));
    await start(1);
    const leaving = new AbortController();
    const left = start(2, leaving.signal);
    const next = start(3);
    leaving.abort(new Error('hung up'));
    await assert.rejects(left, /hung up/);
    begun[0]?.rise();
    await next;
    assert.deepEqual(
      begun.map(({ name }) => name),
      [1, 3],
    );
    await assert.rejects(start(4, AbortSignal.abort(new Error('too late'))), /too late/);
    begun[1]?.rise();
    await settled();
    await start(5);
    assert.equal(begun.at(-1)?.name, 5);
  });
});
