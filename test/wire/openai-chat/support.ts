import assert from 'node:assert/strict';
import type { StreamEvent } from '../../../src/wire/anthropic/events.ts';
import type { MessagesRequest } from '../../../src/wire/anthropic/request.ts';
import type { ErrorCode } from '../../../src/wire/errors.ts';
import { OcpError } from '../../../src/wire/errors.ts';
import type { ChatChunk } from '../../../src/wire/openai-chat/chunk.ts';
import type { ChatAnswer, ChatToolCall } from '../../../src/wire/openai-chat/completion.ts';
import type { ChatReply } from '../../../src/wire/openai-chat/reply.ts';
import { openAiChat } from '../../../src/wire/openai-chat/surface.ts';
import type { ParsedRequest } from '../../../src/wire/surface.ts';

export const context = { replyId: 'abcdefghijklmnopqrstuvwx', created: 1_700_000_000 };

export const plain: ChatReply = {
  model: 'asked',
  includeUsage: false,
  legacyFunctions: false,
  customTools: new Set(),
  structured: false,
};

/** A request body: one user message, and whatever the test adds. */
export function parse(body: Readonly<Record<string, unknown>>): ParsedRequest<ChatReply> {
  return openAiChat.parse({ model: 'm', messages: [{ role: 'user', content: 'hi' }], ...body }, {});
}

export function request(body: Readonly<Record<string, unknown>>): MessagesRequest {
  return parse(body).request;
}

/** Asserts that the body is refused with this code and field. */
export function refuses(body: unknown, code: ErrorCode, param: string | undefined): void {
  assert.throws(
    () => openAiChat.parse(body, {}),
    (error) => {
      assert.ok(error instanceof OcpError, String(error));
      assert.deepEqual([error.code, error.param], [code, param], error.message);
      return true;
    },
  );
}

/** The stream that the client gets for these events. */
export function encode(events: readonly StreamEvent[], reply: ChatReply = plain): string {
  const encoder = openAiChat.encoder(reply, context);
  return events.map((event) => encoder.event(event)).join('') + encoder.end();
}

/** The chunks of a stream; asserts that it consists of data frames and ends with `[DONE]`. */
export function chunks(sse: string): ChatChunk[] {
  const frames = sse.split('\n\n');
  assert.deepEqual(frames.splice(-2), ['data: [DONE]', '']);
  return frames.map((frame) => {
    assert.match(frame, /^data: [^\n\r]+$/);
    return JSON.parse(frame.slice('data: '.length)) as ChatChunk;
  });
}

/** What a client has collected at the end of the stream. */
export interface Collected {
  readonly message: ChatAnswer;
  readonly finishReasons: readonly string[];
}

/** Puts a stream together as the official client does: texts are appended, calls are found by their index. */
export function collect(all: readonly ChatChunk[]): Collected {
  const message: ChatAnswer = { role: 'assistant', content: '', refusal: null };
  const calls: ChatToolCall[] = [];
  for (const { delta } of all.flatMap((chunk) => chunk.choices)) {
    message.content = `${message.content ?? ''}${delta.content ?? ''}`;
    if (delta.refusal !== undefined) message.refusal = delta.refusal;
    if (delta.reasoning_content !== undefined) {
      message.reasoning_content = (message.reasoning_content ?? '') + delta.reasoning_content;
    }
    if (delta.function_call !== undefined) {
      message.function_call ??= { name: delta.function_call.name ?? '', arguments: '' };
      message.function_call.arguments += delta.function_call.arguments ?? '';
    }
    for (const piece of delta.tool_calls ?? []) {
      if (piece.id !== undefined) {
        assert.equal(piece.index, calls.length);
        calls.push(
          piece.type === 'custom'
            ? { id: piece.id, type: 'custom', custom: { name: piece.custom?.name ?? '', input: '' } }
            : { id: piece.id, type: 'function', function: { name: piece.function?.name ?? '', arguments: '' } },
        );
      }
      const call = calls[piece.index];
      assert.ok(call !== undefined);
      if (call.type === 'custom') call.custom.input += piece.custom?.input ?? '';
      else call.function.arguments += piece.function?.arguments ?? '';
    }
  }
  if (calls.length > 0) message.tool_calls = calls;
  if (message.content === '' && (calls.length > 0 || message.function_call !== undefined)) message.content = null;
  const finishReasons = all.flatMap((chunk) => chunk.choices).flatMap((choice) => choice.finish_reason ?? []);
  return { message, finishReasons };
}
