import { parentPort } from 'node:worker_threads';
import { isObject } from '../../wire/json.ts';
import { neededState } from '../../wire/openai-responses/state.ts';
import type { ReadBody } from './parse-json.ts';
import { readJson } from './parse-json.ts';
import type { FromThread, ToThread } from './thread-messages.ts';
import { plainError } from './thread-messages.ts';
import type { Translated, TranslationInput } from './translate.ts';
import { translate } from './translate.ts';

/** Shorter memory is copied: handing it over would cost more. */
const HANDED_OVER_BYTES = 65_536;

/** A body that waits for kept items. */
let open: { readonly body: ReadBody; readonly input: TranslationInput } | undefined;

/** The thread that translates large bodies: one message in, one out, and nothing is left of it. See ADR 15. */
parentPort?.on('message', (message: ToThread) => {
  try {
    if (message.kind === 'body') begin(message.bytes, message.input);
    else if (open !== undefined) finish(open.body, message.kept, open.input);
  } catch (error) {
    send({ kind: 'failed', error: plainError(error) });
  }
});

function begin(bytes: Uint8Array, input: TranslationInput): void {
  open = undefined;
  const body = readJson(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const needed = input.endpoint === 'openai-responses' ? neededState(body.value) : { itemIds: [] };
  if (needed.previousResponseId === undefined && needed.itemIds.length === 0) {
    finish(body, undefined, input);
    return;
  }
  open = { body, input };
  send({ kind: 'needs', needed });
}

function finish(body: ReadBody, kept: Extract<ToThread, { kind: 'kept' }>['kept'], input: TranslationInput): void {
  open = undefined;
  send({ kind: 'done', translated: translate(body, kept, input) });
}

function send(message: FromThread): void {
  parentPort?.postMessage(message, message.kind === 'done' ? memoryOf(message.translated) : []);
}

/** The memory that goes over to the server's thread instead of being copied. */
function memoryOf({ request, input, reply }: Translated): ArrayBuffer[] {
  const { messages, system, tools, outputSchema } = request;
  const views = [
    messages.bytes,
    messages.table,
    messages.digests,
    messages.toolNames,
    ...(messages.results ?? []).map(({ json }) => json),
    system.bytes,
    tools.bytes,
    ...(outputSchema === undefined ? [] : [outputSchema.bytes]),
    ...(input === undefined ? [] : [input.bytes, input.ends]),
    ...(hasHeavyEcho(reply) ? [reply.heavyEcho] : []),
  ];
  const buffers = new Set<ArrayBuffer>();
  for (const { buffer, byteLength } of views) {
    if (buffer instanceof ArrayBuffer && byteLength >= HANDED_OVER_BYTES) buffers.add(buffer);
  }
  return [...buffers];
}

function hasHeavyEcho(reply: unknown): reply is { readonly heavyEcho: Uint8Array } {
  return isObject(reply) && reply['heavyEcho'] instanceof Uint8Array;
}
