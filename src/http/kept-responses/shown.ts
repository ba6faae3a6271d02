import type { NewResponse, StoredItem, StoredResponse } from '../../store/responses.ts';
import type { AssembledMessage } from '../../wire/anthropic/message.ts';
import type { PackedItems } from '../../wire/openai-responses/packed-items.ts';
import type { ResponsesReply } from '../../wire/openai-responses/reply.ts';
import { completeResponse, storedOutput } from '../../wire/openai-responses/response.ts';
import type { ReplyContext } from '../../wire/surface.ts';

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
    heavyBody: reply.heavyEcho,
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
