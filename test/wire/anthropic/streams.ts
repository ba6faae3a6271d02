import type { AssistantBlock } from '../../../src/wire/anthropic/content.ts';
import type { BlockDelta, StartedBlock, StopReason, StreamEvent } from '../../../src/wire/anthropic/events.ts';
import type { EventFilter } from '../../../src/wire/anthropic/filter.ts';
import type { AssembledMessage } from '../../../src/wire/anthropic/message.ts';
import { MessageAssembler } from '../../../src/wire/anthropic/message.ts';

/** A block as a test writes it; a tool's input as the JSON text that the model would stream. */
export type Written = Exclude<AssistantBlock, { type: 'tool_use' }> | WrittenCall;

export interface WrittenCall {
  readonly type: 'tool_use';
  readonly id: string;
  readonly name: string;
  readonly json: string;
}

export interface StreamOptions {
  readonly stopReason?: StopReason;
  /** Cuts a block's text into the pieces that become deltas; whole by default. */
  readonly split?: (text: string) => readonly string[];
}

/** The events of one streamed message. */
export function stream(blocks: readonly Written[], options: StreamOptions = {}): StreamEvent[] {
  const split = options.split ?? ((text: string) => [text]);
  const calls = blocks.some((block) => block.type === 'tool_use');
  return [
    {
      type: 'message_start',
      message: {
        id: 'msg_test',
        type: 'message',
        role: 'assistant',
        model: 'claude-test',
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: 10, output_tokens: 1 },
      },
    },
    ...blocks.flatMap((block, index): StreamEvent[] => [
      { type: 'content_block_start', index, content_block: started(block) },
      ...deltas(block, split).map((delta): StreamEvent => ({ type: 'content_block_delta', index, delta })),
      { type: 'content_block_stop', index },
    ]),
    {
      type: 'message_delta',
      delta: { stop_reason: options.stopReason ?? (calls ? 'tool_use' : 'end_turn'), stop_sequence: null },
      usage: { output_tokens: 20 },
    },
    { type: 'message_stop' },
  ];
}

/** Everything that a filter lets out for these events. */
export function filtered(filter: EventFilter, events: readonly StreamEvent[]): StreamEvent[] {
  const out: StreamEvent[] = [];
  for (const event of events) filter.push(event, (passed) => out.push(passed));
  return out;
}

export function assembled(events: readonly StreamEvent[]): AssembledMessage {
  const assembler = new MessageAssembler();
  for (const event of events) assembler.push(event);
  return assembler.message();
}

/** Cuts a text behind every offset that `at` names. */
export function splitter(at: ReadonlySet<number>): (text: string) => readonly string[] {
  return (text) => {
    const pieces: string[] = [];
    let from = 0;
    for (let i = 1; i < text.length; i += 1) {
      if (!at.has(i)) continue;
      pieces.push(text.slice(from, i));
      from = i;
    }
    return [...pieces, text.slice(from)];
  };
}

function started(block: Written): StartedBlock {
  switch (block.type) {
    case 'text':
      return { type: 'text', text: '' };
    case 'thinking':
      return { type: 'thinking', thinking: '', signature: '' };
    case 'redacted_thinking':
      return block;
    case 'tool_use':
      return { type: 'tool_use', id: block.id, name: block.name, input: {} };
  }
}

function deltas(block: Written, split: (text: string) => readonly string[]): BlockDelta[] {
  switch (block.type) {
    case 'text':
      return split(block.text).map((text) => ({ type: 'text_delta', text }));
    case 'thinking':
      return [
        ...split(block.thinking).map((thinking): BlockDelta => ({ type: 'thinking_delta', thinking })),
        { type: 'signature_delta', signature: block.signature },
      ];
    case 'redacted_thinking':
      return [];
    case 'tool_use':
      return split(block.json).map((partial_json) => ({ type: 'input_json_delta', partial_json }));
  }
}
