import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { StreamEvent } from '../../../src/wire/anthropic/events.ts';
import { createStopFilter } from '../../../src/wire/anthropic/stop-sequences.ts';
import { assembled, filtered, splitter, stream } from './streams.ts';

interface Outcome {
  readonly text: string;
  readonly sequence: string | null;
}

/** What the contract says, without any regard to streaming. */
function naive(text: string, sequences: readonly string[]): Outcome {
  let best: { start: number; sequence: string } | undefined;
  for (const sequence of sequences) {
    const start = text.indexOf(sequence);
    if (start < 0) continue;
    const better = best === undefined || start < best.start;
    const longer = best !== undefined && start === best.start && sequence.length > best.sequence.length;
    if (better || longer) best = { start, sequence };
  }
  return best === undefined ? { text, sequence: null } : { text: text.slice(0, best.start), sequence: best.sequence };
}

function texts(events: readonly StreamEvent[]): string[] {
  return events.flatMap((event) =>
    event.type === 'content_block_delta' && event.delta.type === 'text_delta' ? [event.delta.text] : [],
  );
}

const characters = fc.constantFrom('a', 'b', 'c', '😀', '😁', '\n');
const sequence = fc.string({ unit: characters, minLength: 1, maxLength: 5 });

test('text is cut where a search of the whole text would cut it, for any split of the deltas', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: characters, maxLength: 40 }),
      fc.array(sequence, { minLength: 1, maxLength: 4 }),
      fc.array(fc.nat(80)),
      (text, sequences, cuts) => {
        const filter = createStopFilter(sequences);
        const events = filtered(filter, stream([{ type: 'text', text }], { split: splitter(new Set(cuts)) }));
        const expected = naive(text, sequences);
        const message = assembled(events);
        assert.deepEqual(message.content, [{ type: 'text', text: expected.text }]);
        assert.equal(message.stopSequence, expected.sequence);
        assert.equal(message.stopReason, expected.sequence === null ? 'end_turn' : 'stop_sequence');
        assert.equal(filter.cut, expected.sequence !== null);
        assert.equal(events.at(-1)?.type, 'message_stop');
        assert.ok(texts(events).every((piece) => piece.isWellFormed()));
      },
    ),
  );
});

test('no more is held back than the longest beginning of a sequence that the text ends with', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 40 }),
      fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 6 }), {
        minLength: 1,
        maxLength: 3,
      }),
      (text, sequences) => {
        fc.pre(naive(text, sequences).sequence === null);
        const events = stream([{ type: 'text', text }]);
        const released = texts(filtered(createStopFilter(sequences), events.slice(0, 3))).join('');
        const ends = sequences.flatMap((each) => Array.from({ length: each.length }, (_, i) => each.slice(0, i)));
        const longest = Math.max(...ends.filter((end) => text.endsWith(end)).map((end) => end.length));
        assert.equal(released, text.slice(0, text.length - longest));
      },
    ),
  );
});

test('a cut message is closed at once, drops what follows and counts its tokens', () => {
  const filter = createStopFilter(['STOP']);
  const before = 'x'.repeat(400);
  const events = stream([
    { type: 'text', text: `${before}STOP more` },
    { type: 'text', text: 'never seen' },
  ]);
  assert.deepEqual(
    filtered(filter, events).map((event) => event.type),
    [
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ],
  );
  assert.equal(assembled(filtered(createStopFilter(['STOP']), events)).usage.output_tokens, 101);
});

test('thinking and tool inputs are never searched, and no match spans two text blocks', () => {
  const events = stream([
    { type: 'thinking', thinking: 'STOP', signature: 'STOP' },
    { type: 'text', text: 'ST' },
    { type: 'text', text: 'OP' },
    { type: 'tool_use', id: 'toolu_1', name: 'STOP', json: '{"a":"STOP"}' },
  ]);
  const filter = createStopFilter(['STOP']);
  assert.deepEqual(assembled(filtered(filter, events)), assembled(events));
  assert.equal(filter.cut, false);
});

test('without a sequence that could occur, the very same events pass', () => {
  const events = stream([{ type: 'text', text: 'as it was' }]);
  for (const sequences of [[], [''], ['\ud83d']]) {
    const passed = filtered(createStopFilter(sequences), events);
    assert.ok(passed.every((event, i) => event === events[i]) && passed.length === events.length);
  }
});
