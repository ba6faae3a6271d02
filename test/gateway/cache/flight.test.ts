import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { Flight } from '../../../src/gateway/cache/flight.ts';
import type { StreamEvent } from '../../../src/wire/anthropic/events.ts';

const delta = (text: string): StreamEvent => ({
  type: 'content_block_delta',
  index: 0,
  delta: { type: 'text_delta', text },
});
const never = new AbortController().signal;

async function all(events: AsyncIterable<StreamEvent>): Promise<StreamEvent[]> {
  const seen: StreamEvent[] = [];
  for await (const event of events) seen.push(event);
  return seen;
}

async function* source(events: readonly StreamEvent[]): AsyncGenerator<StreamEvent, void> {
  for (const event of events) {
    await Promise.resolve();
    yield event;
  }
}

test('every reader sees every event from the first one on, however late it joins and however fast it reads', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string()), fc.array(fc.nat(20), { maxLength: 5 }), async (texts, delays) => {
      const events = texts.map(delta);
      const flight = new Flight(source(events), { onEnd: () => {}, abandon: () => assert.fail('nobody left') });
      const readers = delays.map(async (ticks) => {
        const reading = flight.read(never);
        const seen: StreamEvent[] = [];
        for await (const event of reading) {
          seen.push(event);
          for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
        }
        return seen;
      });
      for (const seen of await Promise.all(readers)) assert.deepEqual(seen, events);
    }),
  );
});

test('the first reader may leave without ending the answer for the others; the last one ends it', async () => {
  const gate = Promise.withResolvers<void>();
  let abandoned = 0;
  let ended = 0;
  async function* slow(): AsyncGenerator<StreamEvent, void> {
    yield delta('a');
    await gate.promise;
    yield delta('b');
  }
  const flight = new Flight(slow(), { onEnd: () => (ended += 1), abandon: () => (abandoned += 1) });
  const leaving = new AbortController();
  const leader = all(flight.read(leaving.signal));
  const follower = all(flight.read(never));
  leaving.abort(new Error('gone'));
  await assert.rejects(leader, /gone/);
  assert.equal(abandoned, 0);
  gate.resolve();
  assert.deepEqual(await follower, [delta('a'), delta('b')]);
  assert.equal(ended, 1);

  const last = new Flight(slow(), { onEnd: () => {}, abandon: () => (abandoned += 1) }).read(never);
  await last.next();
  await last.return();
  assert.equal(abandoned, 1);
});

test('a failure reaches every reader after what came before it', async () => {
  async function* failing(): AsyncGenerator<StreamEvent, void> {
    yield delta('a');
    throw new Error('broken');
  }
  const flight = new Flight(failing(), { onEnd: () => {}, abandon: () => {} });
  for (const reader of [flight.read(never), flight.read(never)]) {
    assert.deepEqual((await reader.next()).value, delta('a'));
    await assert.rejects(reader.next(), /broken/);
  }
});
