import type { NewResponse, ResponseStore, StoredItem, StoredResponse } from '../store/responses.ts';
import type { AssembledMessage } from '../wire/anthropic/message.ts';
import { caps } from '../wire/caps.ts';
import { OcpError } from '../wire/errors.ts';
import type { PackedItems } from '../wire/openai-responses/packed-items.ts';
import type { ResponsesReply } from '../wire/openai-responses/reply.ts';
import { completeResponse, storedOutput } from '../wire/openai-responses/response.ts';
import type { ReplyContext } from '../wire/surface.ts';
import type { FindKept } from './body/translation-thread.ts';

/** Looks up for this owner what a request refers to. Raises OcpError `context_length_exceeded` or `invalid_request` where it is too much. */
export function keptTexts(store: ResponseStore, owner: string): FindKept {
  return ({ previousResponseId, itemIds }) => {
    if (itemIds.length > caps.references) {
      const message = `'input' may refer to at most ${caps.references} stored items.`;
      throw new OcpError('invalid_request', message, { param: 'input' });
    }
    return {
      previous: previousResponseId === undefined ? [] : store.chain(owner, previousResponseId),
      items: store.items(owner, itemIds),
    };
  };
}

/** An answer as it is kept. */
export function storedResponse(
  message: AssembledMessage,
  reply: ResponsesReply,
  input: PackedItems,
  context: ReplyContext,
): NewResponse {
  const { output: _shown, ...body } = completeResponse(message, reply, context);
  const output = storedOutput(message, reply, context) as unknown as readonly StoredItem[];
  return {
    id: body.id,
    previousId: reply.previousResponseId,
    body: { ...body },
    input,
    output,
  };
}

/** A kept response as `GET /v1/responses/{id}` shows it; encrypted reasoning only where it is asked for. */
export function shownResponse({ body, output }: StoredResponse, withReasoning: boolean): StoredItem {
  return { ...body, output: shownItems(output, withReasoning) };
}

export function shownItems(items: readonly StoredItem[], withReasoning: boolean): readonly StoredItem[] {
  if (withReasoning) return items;
  return items.map(({ encrypted_content: _hidden, ...item }) => item);
}
