import type { ResponseStore, StoredItem, StoredResponse } from '../store/responses.ts';
import type { AssembledMessage } from '../wire/anthropic/message.ts';
import { caps } from '../wire/caps.ts';
import { OcpError } from '../wire/errors.ts';
import { parse, parseWithPrevious } from '../wire/openai-responses/parse.ts';
import type { ResponsesReply } from '../wire/openai-responses/reply.ts';
import { completeResponse, storedOutput } from '../wire/openai-responses/response.ts';
import { neededState, storedInput } from '../wire/openai-responses/state.ts';
import type { ParsedRequest, ReplyContext, RequestHeaders } from '../wire/surface.ts';

/**
 * Translates a request together with the kept responses that it builds on. Raises OcpError `previous_response_not_found`
 * when one of them is not there for this owner, besides what translating raises.
 */
export function parseOnStored(
  body: unknown,
  headers: RequestHeaders,
  owner: string,
  store: ResponseStore,
): ParsedRequest<ResponsesReply> {
  const { previousResponseId, itemIds } = neededState(body);
  if (itemIds.length > caps.references) {
    const message = `'input' may refer to at most ${caps.references} stored items.`;
    throw new OcpError('invalid_request', message, { param: 'input' });
  }
  if (previousResponseId === undefined && itemIds.length === 0) return parse(body, headers);
  const previous = previousResponseId === undefined ? [] : store.chain(owner, previousResponseId);
  return previous === undefined
    ? parse(body, headers)
    : parseWithPrevious(body, headers, previous, store.items(owner, itemIds));
}

/** An answer as it is kept. */
export function storedResponse(
  message: AssembledMessage,
  reply: ResponsesReply,
  context: ReplyContext,
): StoredResponse {
  const { output: _shown, ...body } = completeResponse(message, reply, context);
  const output = storedOutput(message, reply, context) as unknown as readonly StoredItem[];
  return {
    id: body.id,
    previousId: reply.previousResponseId,
    body: { ...body },
    input: storedInput(reply, context),
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
