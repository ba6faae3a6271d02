import type { Inverse } from '../../claude/form/cli-form.ts';
import { toCliForm } from '../../claude/form/cli-form.ts';
import type { CacheHints } from '../../gateway/cache/cache-key.ts';
import { cacheHints } from '../../gateway/cache/cache-key.ts';
import type { PackedRequest } from '../../gateway/packed-request.ts';
import { packRequest } from '../../gateway/packed-request.ts';
import { parseCountTokens } from '../../wire/anthropic/count-tokens.ts';
import { parseMessages } from '../../wire/anthropic/parse.ts';
import { parseChatRequest } from '../../wire/openai-chat/request.ts';
import { packedEcho } from '../../wire/openai-responses/echo.ts';
import { parse, parseWithPrevious } from '../../wire/openai-responses/parse.ts';
import type { PackedItems } from '../../wire/openai-responses/packed-items.ts';
import { packItems } from '../../wire/openai-responses/packed-items.ts';
import type { ResponsesReply } from '../../wire/openai-responses/reply.ts';
import { storedInput } from '../../wire/openai-responses/state.ts';
import type { ParsedRequest, ReplyContext, RequestHeaders } from '../../wire/surface.ts';
import { alteredNumbers } from './altered-numbers.ts';
import type { ReadBody } from './parse-json.ts';

/** The endpoints whose bodies are conversations. */
export type Endpoint = 'openai-chat' | 'openai-responses' | 'anthropic-messages' | 'count-tokens';

/** Kept items that a request refers to, each as a JSON array; `previous` is undefined where the response is not kept. */
export interface KeptTexts {
  readonly previous: string | Uint8Array | undefined;
  readonly items: string | Uint8Array;
}

/** What a body is translated with besides itself. */
export interface TranslationInput {
  readonly endpoint: Endpoint;
  readonly headers: RequestHeaders;
  readonly context: Pick<ReplyContext, 'replyId'>;
  /** Length of the body, bytes. */
  readonly bytes: number;
}

/** A request as the gateway takes it, and what its surface answers by. */
export interface Translated extends Omit<ParsedRequest<unknown>, 'request' | 'reply'> {
  readonly request: PackedRequest;
  /** How the client's own names come back into the answer. */
  readonly inverse: Inverse;
  readonly reply: unknown;
  readonly hints: CacheHints;
  /** The request's own input as it is kept with the response; undefined where nothing is to be kept. */
  readonly input?: PackedItems;
}

/** Translates a body. Pure: it runs on the loop for small bodies and in a thread for large ones. */
export function translate(body: ReadBody, kept: KeptTexts | undefined, input: TranslationInput): Translated {
  const { request, reply, ignored, ...rest } = parsed(body.value, kept, input);
  const form = toCliForm(request);
  return {
    ...rest,
    ...replyOf(input, reply),
    ignored: [
      ...ignored,
      ...form.ignored,
      ...body.altered,
      ...[kept?.previous, kept?.items].flatMap((array) => (array === undefined ? [] : alteredIn(array))),
    ],
    request: packRequest(form.request, input.bytes),
    inverse: form.inverse,
    hints: cacheHints(body.value),
  };
}

function parsed(body: unknown, kept: KeptTexts | undefined, input: TranslationInput): ParsedRequest<unknown> {
  const { endpoint, headers } = input;
  switch (endpoint) {
    case 'openai-chat':
      return parseChatRequest(body, headers);
    case 'anthropic-messages':
      return parseMessages(body, headers);
    case 'count-tokens':
      return { ...parseCountTokens(body), stream: false, reply: undefined };
    case 'openai-responses':
      if (kept?.previous === undefined) return parse(body, headers);
      return parseWithPrevious(body, headers, objects(kept.previous), objects(kept.items));
  }
}

/** Input items are only kept, so they go on as they will be kept. */
function replyOf({ endpoint, context, bytes }: TranslationInput, reply: unknown): Pick<Translated, 'reply' | 'input'> {
  if (endpoint !== 'openai-responses') return { reply };
  const { inputItems, ...asked } = reply as ResponsesReply;
  // What is large of the echo is JSON from here on: it goes out several times.
  const bare: ResponsesReply = { ...asked, ...packedEcho(asked.echo, bytes), inputItems: [] };
  if (!asked.store) return { reply: bare };
  return { reply: bare, input: packItems(storedInput({ ...asked, inputItems }, context)) };
}

function objects(json: string | Uint8Array): readonly unknown[] {
  return JSON.parse(typeof json === 'string' ? json : textOf(json)) as unknown[];
}

function textOf({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('utf8');
}

/** Kept items hold what the model wrote, which no request has named yet. */
function alteredIn(array: string | Uint8Array): readonly string[] {
  const text = typeof array === 'string' ? array : textOf(array);
  return alteredNumbers(text, ['earlier_input']);
}
