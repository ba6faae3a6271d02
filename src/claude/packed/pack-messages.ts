import type { Hash } from 'node:crypto';
import { createHash } from 'node:crypto';
import type { AssistantBlock, ToolResultBlock, ToolUseBlock, UserBlock } from '../../wire/anthropic/content.ts';
import type { AssistantMessage, Message, UserMessage } from '../../wire/anthropic/request.ts';
import { heldResults, MOST_CALLS } from '../held-results.ts';
import { answerDigest, callIds } from '../transcript.ts';
import { ByteWriter } from './byte-writer.ts';
import { mergeTurns } from './merge-turns.ts';
import type { PackedMessages } from './messages.ts';
import { DIGEST_BYTES, HAS_RESULTS, IS_ASSISTANT, ROW } from './messages.ts';

export interface PackOptions {
  /** About how large the JSON will be, bytes. */
  readonly expectedBytes?: number;
  /** The calls of the message before the first one, whose results that one may hold. */
  readonly calls?: readonly string[];
}

/** Writes a conversation as the CLI will read it, in one walk over its content. */
export function packMessages(messages: readonly Message[], options: PackOptions = {}): PackedMessages {
  const merged = mergeTurns(messages);
  const packer = new Packer(merged.length, options.expectedBytes);
  let calls = options.calls ?? [];
  for (const message of merged) {
    if (message.role === 'user') packer.user(message, calls);
    else {
      packer.assistant(message);
      calls = callIds(message);
    }
  }
  const last = merged.at(-1);
  return {
    ...packer.finish(),
    calls: calls.length > MOST_CALLS ? [] : calls,
    results: last?.role === 'user' ? heldResults(last.content) : undefined,
  };
}

class Packer {
  readonly #writer: ByteWriter;
  readonly #table: Uint32Array;
  readonly #digests: Buffer;
  readonly #toolNames: number[] = [];
  #count = 0;

  constructor(count: number, expectedBytes: number | undefined) {
    this.#writer = new ByteWriter(expectedBytes);
    this.#table = new Uint32Array(count * ROW);
    this.#digests = Buffer.allocUnsafeSlow(count * DIGEST_BYTES);
  }

  user({ content }: UserMessage, calls: readonly string[]): void {
    const start = this.#writer.length;
    const digest = createHash('sha256').update('user');
    const results: WrittenResult[] = [];
    const others: (readonly [start: number, end: number])[] = [];
    const places = content.some(isResult) ? new Map(calls.map((id, place) => [id, place])) : undefined;
    let [characters, media, breakpoint] = [0, 0, 0];
    for (const block of content) {
      this.#separate(start);
      const from = this.#writer.length;
      if (block.type === 'tool_result') {
        results.push({ place: places?.get(block.tool_use_id) ?? -1, ...this.#result(block) });
        for (const part of block.content) {
          if (part.type === 'text') characters += part.text.length;
          else media += 1;
        }
      } else {
        this.#writer.write(JSON.stringify(block));
        others.push([from, this.#writer.length]);
        if (block.type === 'text') characters += block.text.length;
        else media += 1;
      }
      if (block.type !== 'text' || block.text !== '') breakpoint = this.#writer.length - 1;
    }
    this.#digestResults(digest, results);
    for (const [from, to] of others) digest.update(this.#writer.between(from, to));
    const flags = results.length === 0 ? 0 : HAS_RESULTS;
    this.#row([start, this.#writer.length, characters, media, flags, breakpoint], digest.digest());
  }

  assistant(message: AssistantMessage): void {
    const start = this.#writer.length;
    let characters = 0;
    for (const block of message.content) {
      if (block.type === 'text') characters += block.text.length;
      if (block.type === 'thinking') characters += block.thinking.length;
      if (!isWorthWriting(block)) continue;
      this.#separate(start);
      if (block.type === 'tool_use') characters += this.#call(block);
      else this.#writer.write(JSON.stringify(block));
    }
    this.#row([start, this.#writer.length, characters, 0, IS_ASSISTANT, 0], answerDigest(message));
  }

  finish(): Pick<PackedMessages, 'count' | 'bytes' | 'table' | 'digests' | 'toolNames'> {
    return {
      count: this.#count,
      bytes: this.#writer.finish(),
      table: this.#table,
      digests: this.#digests,
      toolNames: Uint32Array.from(this.#toolNames),
    };
  }

  #separate(start: number): void {
    if (this.#writer.length > start) this.#writer.write(',');
  }

  #row(numbers: readonly number[], digest: Uint8Array): void {
    this.#table.set(numbers, this.#count * ROW);
    this.#digests.set(digest, this.#count * DIGEST_BYTES);
    this.#count += 1;
  }

  /** Returns how many characters its arguments have. */
  #call(block: ToolUseBlock): number {
    let characters = 0;
    let lead = '{';
    for (const [key, value] of Object.entries(block)) {
      const json = JSON.stringify(value) as string | undefined;
      if (json === undefined) continue;
      this.#writer.write(`${lead}${JSON.stringify(key)}:`);
      if (key === 'name') this.#toolNames.push(this.#writer.length, this.#writer.length + Buffer.byteLength(json));
      if (key === 'input') characters = json.length;
      this.#writer.write(json);
      lead = ',';
    }
    this.#writer.write('}');
    return characters;
  }

  /** Results are written as the CLI itself writes those that it fetched, to the order of members: a cache compares bytes. */
  #result({ tool_use_id: id, type, content, ...rest }: ToolResultBlock): Omit<WrittenResult, 'place'> {
    const [only, ...others] = content;
    const isText = rest.is_error === true && only?.type === 'text' && others.length === 0;
    const tail = isText ? { is_error: true, tool_use_id: id } : rest;
    this.#writer.write(
      isText ? `{"type":"${type}","content":` : `{"tool_use_id":${JSON.stringify(id)},"type":"${type}","content":`,
    );
    const start = this.#writer.length;
    this.#writer.write(JSON.stringify(isText ? only.text : content));
    const end = this.#writer.length;
    const members = JSON.stringify(tail).slice(1);
    this.#writer.write(members === '}' ? members : `,${members}`);
    return { start, end, isError: rest.is_error === true };
  }

  /** Results count by the call that they answer, in whatever order the client gives them. */
  #digestResults(digest: Hash, results: readonly WrittenResult[]): void {
    for (const { place, isError, start, end } of results.toSorted((a, b) => a.place - b.place)) {
      digest.update(`[${place},${isError}]`).update(this.#writer.between(start, end));
    }
  }
}

interface WrittenResult {
  readonly place: number;
  readonly isError: boolean;
  /** Where its content stands. */
  readonly start: number;
  readonly end: number;
}

function isResult(block: UserBlock): block is ToolResultBlock {
  return block.type === 'tool_result';
}

/** Thinking without a signature was never the API's: it is OCP's own report of progress. */
function isWorthWriting(block: AssistantBlock): boolean {
  return block.type !== 'thinking' || block.signature !== '';
}
