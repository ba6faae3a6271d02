import assert from 'node:assert/strict';
import OpenAI from 'openai';
import type { Response as OpenAIResponse } from 'openai/resources/responses/responses';
import type { StreamEvent } from '../../../src/wire/anthropic/events.ts';
import type { MessagesRequest } from '../../../src/wire/anthropic/request.ts';
import type { ErrorCode } from '../../../src/wire/errors.ts';
import { OcpError } from '../../../src/wire/errors.ts';
import { isObject } from '../../../src/wire/json.ts';
import type { ResponsesReply } from '../../../src/wire/openai-responses/reply.ts';
import { openAiResponses } from '../../../src/wire/openai-responses/surface.ts';
import type { ParsedRequest } from '../../../src/wire/surface.ts';

export const context = { replyId: 'abcdefghijklmnopqrstuvwx', created: 1_700_000_000 };

/** A request body: one user message, and whatever the test adds. */
export function parse(body: Readonly<Record<string, unknown>>): ParsedRequest<ResponsesReply> {
  return openAiResponses.parse({ model: 'm', input: 'hi', ...body }, {});
}

/** The request inside of these input items. */
export function request(...input: readonly unknown[]): MessagesRequest {
  return parse({ input }).request;
}

/** What the reply has to know after a request with these fields. */
export function replyTo(body: Readonly<Record<string, unknown>>): ResponsesReply {
  return parse(body).reply;
}

/** Asserts that the body is refused with this code and field. */
export function refuses(body: Readonly<Record<string, unknown>>, code: ErrorCode, param: string): void {
  assert.throws(
    () => parse(body),
    (error) => {
      assert.ok(error instanceof OcpError, String(error));
      assert.deepEqual([error.code, error.param], [code, param], error.message);
      return true;
    },
  );
}

/** The stream that the client gets for these events. */
export function encode(events: readonly StreamEvent[], reply: ResponsesReply): string {
  const encoder = openAiResponses.encoder(reply, context);
  return events.map((event) => encoder.event(event)).join('') + encoder.end();
}

export type Frame = Record<string, unknown> & { readonly type: string };

/** The events of a stream; asserts the SSE framing and that they are numbered from 0. */
export function frames(sse: string): Frame[] {
  const parts = sse.split('\n\n');
  assert.equal(parts.pop(), '');
  return parts.map((part, index) => {
    const [, name, json = ''] = /^event: (\S+)\ndata: ([^\n\r]+)$/.exec(part) ?? assert.fail(part);
    const frame: unknown = JSON.parse(json);
    assert.ok(isObject(frame));
    assert.equal(frame['type'], name);
    assert.equal(frame['sequence_number'], index);
    return frame as Frame;
  });
}

/** The official client, which gets this answer to whatever it asks. */
export function clientAnswered(body: string, contentType: string): OpenAI {
  const fetch = () => Promise.resolve(new Response(body, { headers: { 'content-type': contentType } }));
  return new OpenAI({ apiKey: 'none', organization: null, project: null, baseURL: 'http://ocp.invalid/v1', fetch });
}

/** The response that the official client's stream helper has put together at the end of a stream. */
export async function collected(sse: string): Promise<OpenAIResponse> {
  const client = clientAnswered(sse, 'text/event-stream');
  return await client.responses.stream({ model: 'm', input: 'hi' }).finalResponse();
}
