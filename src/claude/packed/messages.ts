import { createHash, hash } from 'node:crypto';
import type { ToolNames } from '../tool-names.ts';

/**
 * The messages of a conversation in the form in which they are kept, compared and written to the CLI: finished JSON, and of
 * each message the few numbers that the gateway and the workers need. Nothing here takes a walk over content, and a thread
 * can hand it over without a copy. Made by pack-messages.ts; roles alternate.
 */
export interface PackedMessages {
  readonly count: number;
  /** The JSON of all content blocks; those of one message are joined by commas. */
  readonly bytes: Uint8Array;
  /** {@link ROW} numbers for each message. */
  readonly table: Uint32Array;
  /** {@link DIGEST_BYTES} for each message: what it says, whatever its calls are named. */
  readonly digests: Uint8Array;
  /** Where in `bytes` the names of called tools stand: pairs of start and end, quotes included, in order. */
  readonly toolNames: Uint32Array;
  /** The ids of the calls in the last message of the assistant; none when they are too many for any answer. */
  readonly calls: readonly string[];
  /** The results in the last message, when it is the user's, holds nothing else, and a waiting worker can take all of them. */
  readonly results: readonly HeldResult[] | undefined;
}

/** A tool's result as the CLI takes it from an MCP server. */
export interface HeldResult {
  /** The call that it answers, as the client names it. */
  readonly id: string;
  /** JSON of an MCP `CallToolResult`. */
  readonly json: Uint8Array;
}

/** JSON in pieces, in their order: text, or bytes that are UTF-8 already. */
export type JsonPieces = readonly (string | Uint8Array)[];

export const DIGEST_BYTES = 32;

/** The numbers of a message in `table`. */
export const ROW = 6;
const START = 0;
const END = 1;
const CHARACTERS = 2;
const MEDIA = 3;
const FLAGS = 4;
/** Where a cache breakpoint can be put into `bytes`; 0 where none can. */
const BREAKPOINT = 5;

export const IS_ASSISTANT = 1;
export const HAS_RESULTS = 2;

/** One message of a packed conversation. */
export interface PackedMessage {
  readonly role: 'user' | 'assistant';
  readonly start: number;
  readonly end: number;
  readonly breakpoint: number;
  readonly hasResults: boolean;
  /** Characters of its texts, thoughts, arguments and results. */
  readonly characters: number;
}

export const noMessages: PackedMessages = {
  count: 0,
  bytes: new Uint8Array(),
  table: new Uint32Array(),
  digests: new Uint8Array(),
  toolNames: new Uint32Array(),
  calls: [],
  results: undefined,
};

export function messageAt({ table }: PackedMessages, index: number): PackedMessage {
  const at = index * ROW;
  const flags = table[at + FLAGS] ?? 0;
  return {
    role: (flags & IS_ASSISTANT) === 0 ? 'user' : 'assistant',
    start: table[at + START] ?? 0,
    end: table[at + END] ?? 0,
    breakpoint: table[at + BREAKPOINT] ?? 0,
    hasResults: (flags & HAS_RESULTS) !== 0,
    characters: table[at + CHARACTERS] ?? 0,
  };
}

/** Characters of all messages; images, documents and hidden thinking count as none. */
export function charactersOf(messages: PackedMessages): number {
  return sumOf(messages, CHARACTERS);
}

/** How many images and documents there are, those in tool results included. */
export function mediaOf(messages: PackedMessages): number {
  return sumOf(messages, MEDIA);
}

/** Names the first `length` messages by what they say: a conversation is found again by it. */
export function digestOf({ digests }: PackedMessages, length: number): string {
  return hash('sha256', digests.subarray(0, length * DIGEST_BYTES), 'base64url');
}

/** The name of a conversation that is one message longer. */
export function digestWith({ digests }: PackedMessages, next: Uint8Array): string {
  return hash('sha256', Buffer.concat([digests, next]), 'base64url');
}

/** Names the messages by all that is written of them. */
export function contentDigest(messages: PackedMessages): string {
  const lengths = new Uint32Array(messages.count);
  for (let index = 0; index < messages.count; index += 1) {
    const { start, end } = messageAt(messages, index);
    lengths[index] = end - start;
  }
  const [first, last] = [messageAt(messages, 0), messageAt(messages, messages.count - 1)];
  const whole = createHash('sha256').update(lengths);
  return whole.update(messages.bytes.subarray(first.start, last.end)).digest('base64url');
}

/** Whether two conversations begin with the same message. */
export function haveSameBeginning(one: PackedMessages, other: PackedMessages): boolean {
  return Buffer.compare(one.digests.subarray(0, DIGEST_BYTES), other.digests.subarray(0, DIGEST_BYTES)) === 0;
}

/** The conversation without its oldest messages; the bytes are shared. */
export function withoutOldest(messages: PackedMessages, dropped: number): PackedMessages {
  return {
    ...messages,
    count: messages.count - dropped,
    table: messages.table.subarray(dropped * ROW),
    digests: messages.digests.subarray(dropped * DIGEST_BYTES),
  };
}

/** One conversation after the other. Where the same side speaks on, it is one message. */
export function joined(before: PackedMessages, after: PackedMessages): PackedMessages {
  if (before.count === 0) return after;
  if (after.count === 0) return before;
  const from = messageAt(before, 0).start;
  const kept = before.bytes.subarray(from, messageAt(before, before.count - 1).end);
  const added = after.bytes.subarray(messageAt(after, 0).start, messageAt(after, after.count - 1).end);
  const goesOn = messageAt(before, before.count - 1).role === messageAt(after, 0).role;
  const isComma = goesOn && kept.length > 0 && added.length > 0;
  const shift = kept.length + (isComma ? 1 : 0) - messageAt(after, 0).start;
  const tables = [moved(before.table, -from), moved(after.table, shift)] as const;
  const names = [movedNames(before.toolNames, -from), movedNames(after.toolNames, shift)] as const;
  const pieces = isComma ? [kept, COMMA, added] : [kept, added];
  const whole: PackedMessages = {
    count: before.count + after.count,
    bytes: Buffer.concat(pieces),
    table: joinedNumbers(...tables),
    digests: Buffer.concat([before.digests, after.digests]),
    toolNames: joinedNumbers(...names),
    calls: hasAssistant(after) ? after.calls : before.calls,
    results: after.results,
  };
  return goesOn ? withMerged(whole, before.count - 1) : whole;
}

/** The JSON of one message's content as a worker is told it. */
export function contentOf(messages: PackedMessages, index: number, names: ToolNames): JsonPieces {
  const { start, end, role } = messageAt(messages, index);
  const pieces: (string | Uint8Array)[] = ['['];
  let from = start;
  if (role === 'assistant' && !names.isPlain) {
    for (const [nameStart, nameEnd] of namesIn(messages, start, end)) {
      const name = JSON.parse(textOf(messages.bytes.subarray(nameStart, nameEnd))) as string;
      pieces.push(messages.bytes.subarray(from, nameStart), JSON.stringify(names.toCli(name)));
      from = nameEnd;
    }
  }
  pieces.push(messages.bytes.subarray(from, end), ']');
  return pieces;
}

/** The same with OCP's cache breakpoint on the block that can carry it. */
export function contentWithBreakpoint({ bytes, ...rest }: PackedMessages, index: number): JsonPieces {
  const { start, end, breakpoint } = messageAt({ bytes, ...rest }, index);
  return [
    '[',
    bytes.subarray(start, breakpoint),
    ',"cache_control":{"type":"ephemeral"}',
    bytes.subarray(breakpoint, end),
    ']',
  ];
}

/** How many bytes a conversation takes in memory. */
export function bytesOf({ bytes, table, digests }: PackedMessages): number {
  return bytes.byteLength + table.byteLength + digests.byteLength;
}

const COMMA = Buffer.from(',');

function hasAssistant({ count, table }: PackedMessages): boolean {
  for (let index = 0; index < Math.min(2, count); index += 1) {
    if (((table[index * ROW + FLAGS] ?? 0) & IS_ASSISTANT) !== 0) return true;
  }
  return false;
}

/** Makes one message of the one at this place and the next. */
function withMerged(messages: PackedMessages, index: number): PackedMessages {
  const { table, digests } = messages;
  const at = index * ROW;
  const next = at + ROW;
  const row = table.slice(at, next);
  row[END] = table[next + END] ?? 0;
  row[CHARACTERS] = (table[at + CHARACTERS] ?? 0) + (table[next + CHARACTERS] ?? 0);
  row[MEDIA] = (table[at + MEDIA] ?? 0) + (table[next + MEDIA] ?? 0);
  row[FLAGS] = (table[at + FLAGS] ?? 0) | (table[next + FLAGS] ?? 0);
  row[BREAKPOINT] = (table[next + BREAKPOINT] ?? 0) || (table[at + BREAKPOINT] ?? 0);
  const begin = index * DIGEST_BYTES;
  const end = begin + 2 * DIGEST_BYTES;
  const digest = hash('sha256', digests.subarray(begin, end), 'buffer');
  return {
    ...messages,
    count: messages.count - 1,
    table: joinedNumbers(table.subarray(0, at), row, table.subarray(next + ROW)),
    digests: Buffer.concat([digests.subarray(0, begin), digest, digests.subarray(end)]),
    // What was said beside the results of the message before is no longer alone.
    results: index === messages.count - 2 ? undefined : messages.results,
  };
}

function moved(table: Uint32Array, by: number): Uint32Array {
  const copy = table.slice();
  for (let at = 0; at < copy.length; at += ROW) {
    for (const field of [START, END, BREAKPOINT]) {
      const value = copy[at + field] ?? 0;
      if (field !== BREAKPOINT || value !== 0) copy[at + field] = value + by;
    }
  }
  return copy;
}

/** Names before the first message, which were dropped, move below zero and out of every message. */
function movedNames(names: Uint32Array, by: number): Uint32Array {
  const from = by < 0 ? names.findIndex((place, index) => index % 2 === 0 && place + by >= 0) : 0;
  return from === -1 ? new Uint32Array() : names.slice(from).map((place) => place + by);
}

function joinedNumbers(...parts: readonly Uint32Array[]): Uint32Array {
  const whole = new Uint32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function* namesIn({ toolNames }: PackedMessages, start: number, end: number): Iterable<readonly [number, number]> {
  for (let at = firstFrom(toolNames, start); at < toolNames.length; at += 2) {
    const [nameStart = 0, nameEnd = 0] = [toolNames[at], toolNames[at + 1]];
    if (nameStart >= end) return;
    yield [nameStart, nameEnd];
  }
}

/** The first pair that starts at this place or behind it, by halving. */
function firstFrom(pairs: Uint32Array, place: number): number {
  let [low, high] = [0, pairs.length / 2];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((pairs[middle * 2] ?? 0) < place) low = middle + 1;
    else high = middle;
  }
  return low * 2;
}

function sumOf({ table }: PackedMessages, field: number): number {
  let sum = 0;
  for (let at = field; at < table.length; at += ROW) sum += table[at] ?? 0;
  return sum;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
