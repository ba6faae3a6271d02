import { isObject } from '../json.ts';
import type { ReplyContext } from '../surface.ts';
import type { InputItem, ResponsesReply } from './reply.ts';

/** What a request refers to and does not carry itself. */
export interface NeededState {
  readonly previousResponseId?: string;
  /** Ids of single stored items (`item_reference`). */
  readonly itemIds: readonly string[];
}

/** What has to be looked up before `parseWithPrevious`. Never raises: a body that is not valid needs nothing. */
export function neededState(body: unknown): NeededState {
  if (!isObject(body)) return { itemIds: [] };
  const { previous_response_id: previous, input } = body;
  const itemIds = Array.isArray(input) ? input.flatMap((item: unknown) => referencedId(item) ?? []) : [];
  return typeof previous === 'string' ? { previousResponseId: previous, itemIds } : { itemIds };
}

/** The id that an `item_reference` names; its `type` may be left out. */
export function referencedId(item: unknown): string | undefined {
  if (!isObject(item)) return undefined;
  const { type, id, role } = item;
  const isReference = type === 'item_reference' || ((type === undefined || type === null) && role === undefined);
  return isReference && typeof id === 'string' ? id : undefined;
}

/** `input` as a list of items in their full form: typed, and message contents as parts. */
export function normaliseInput(input: string | readonly unknown[]): unknown[] {
  return typeof input === 'string' ? [normaliseItem({ role: 'user', content: input })] : input.map(normaliseItem);
}

function normaliseItem(item: unknown): unknown {
  if (!isObject(item) || !isMessage(item)) return item;
  const { content, ...rest } = item;
  if (typeof content !== 'string') return { type: 'message', ...item };
  const part =
    item['role'] === 'assistant'
      ? { type: 'output_text', text: content, annotations: [] }
      : { type: 'input_text', text: content };
  return { type: 'message', ...rest, content: [part] };
}

function isMessage(item: Record<string, unknown>): boolean {
  return item['type'] === 'message' || (item['type'] === undefined && item['role'] !== undefined);
}

const idPrefixes: Readonly<Record<string, string>> = {
  message: 'msg',
  reasoning: 'rs',
  function_call: 'fc',
  function_call_output: 'fco',
  custom_tool_call: 'ctc',
  custom_tool_call_output: 'ctco',
};

/** The request's input as `GET /v1/responses/{id}/input_items` lists it: an item without an id gets one. */
export function storedInput(reply: ResponsesReply, context: Pick<ReplyContext, 'replyId'>): InputItem[] {
  return reply.inputItems.map((item, index) => {
    if (typeof item['id'] === 'string' && item['id'] !== '') return item;
    const type = typeof item['type'] === 'string' ? item['type'] : '';
    const prefix = Object.hasOwn(idPrefixes, type) ? idPrefixes[type] : undefined;
    return { ...item, id: `${prefix ?? 'item'}_${context.replyId}in${index}` };
  });
}
