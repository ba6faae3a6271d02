import { OcpError } from '../errors.ts';
import { parseAt } from '../validate.ts';
import { messageList } from './body.ts';
import type { ChatBody, ChatMessage } from './body.ts';

interface Messages {
  /** The member of the body that they stand in. */
  readonly field: string;
  readonly list: readonly ChatMessage[];
}

/**
 * The messages of a request: `messages`, or what some clients send to this path in their place, a `prompt` or the
 * `input` of a Responses request. Each input item becomes one message, so that the index in an error is the client's.
 */
export function messagesOf(body: ChatBody): Messages {
  if (body.messages !== null && body.messages !== undefined) return { field: 'messages', list: body.messages };
  if (Array.isArray(body.input)) {
    return { field: 'input', list: parseAt(messageList, body.input.map(itemAsMessage), ['input']) };
  }
  if (typeof body.input === 'string') return question('input', body.input);
  if (typeof body.prompt === 'string') return question('prompt', body.prompt);
  throw new OcpError('invalid_request', "'messages' is required and must be an array.", { param: 'messages' });
}

function question(field: string, text: string): Messages {
  if (text.trim() !== '') return { field, list: [{ role: 'user', content: text }] };
  throw new OcpError('invalid_request', `'${field}' is empty: there is nothing to answer.`, { param: field });
}

type Item = Readonly<Record<string, unknown>>;

function itemAsMessage(item: Item, index: number): Item {
  switch (item['type'] ?? 'message') {
    case 'message':
      return item;
    case 'function_call':
      return calling({ id: item['call_id'], type: 'function', function: item });
    case 'custom_tool_call':
      return calling({ id: item['call_id'], type: 'custom', custom: item });
    case 'function_call_output':
    case 'custom_tool_call_output':
      return { role: 'tool', tool_call_id: item['call_id'], content: item['output'] };
    case 'reasoning':
      return { role: 'assistant', content: null };
    default:
      throw new OcpError('invalid_request', `'input[${index}].type' is not a type of item that is known here.`, {
        param: `input[${index}].type`,
      });
  }
}

function calling(call: Item): Item {
  return { role: 'assistant', content: null, tool_calls: [call] };
}
