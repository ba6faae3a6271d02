import * as fc from 'fast-check';
import type { Written, WrittenCall } from './streams.ts';
import { splitter } from './streams.ts';

const plain = { noNullPrototype: true };
const text = fc.string({ unit: 'binary' });

/** A JSON object as a client's tool or schema may have it. */
export const jsonObject = fc.dictionary(fc.string(), fc.jsonValue(), plain);

export const textBlock: fc.Arbitrary<Written> = fc.record({ type: fc.constant('text' as const), text }, plain);

export const thinkingBlock: fc.Arbitrary<Written> = fc.oneof(
  fc.record({ type: fc.constant('thinking' as const), thinking: text, signature: fc.string() }, plain),
  fc.record({ type: fc.constant('redacted_thinking' as const), data: fc.string() }, plain),
);

export const callBlock: fc.Arbitrary<WrittenCall> = fc.record(
  {
    type: fc.constant('tool_use' as const),
    id: fc.string(),
    name: fc.string(),
    json: jsonObject.map((input) => JSON.stringify(input)),
  },
  plain,
);

/** Any content of an answer. */
export const blocks = fc.array(fc.oneof(textBlock, thinkingBlock, callBlock), { maxLength: 4 });

/** Any way to cut texts into deltas. */
export const splits = fc.array(fc.nat(60)).map((cuts) => splitter(new Set(cuts)));
