import type { JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import { FreeformInputDecoder } from './freeform-input.ts';
import type { ItemWriter, Place } from './item-writer.ts';
import { added, done } from './item-writer.ts';
import { freeformInput } from './output.ts';
import type { CustomToolCallItem, FunctionCallItem } from './types.ts';

export function functionWriter(call: FunctionCallItem, initial: JsonObject, { frames, index }: Place): ItemWriter {
  const item = { item_id: call.id, output_index: index };
  const delta = frames.deltas('response.function_call_arguments.delta', item);
  let json = '';

  function write(piece: string): string {
    json += piece;
    return piece === '' ? '' : delta(piece);
  }

  return {
    start: () => added(frames, index, call),
    delta: (event) => (event.type === 'input_json_delta' ? write(event.partial_json) : ''),
    finish: (outcome) => {
      const rest = json === '' ? write(JSON.stringify(initial)) : '';
      const closing = frames.event('response.function_call_arguments.done', {
        ...item,
        arguments: json,
      });
      const status = outcome?.status ?? 'completed';
      return done(frames, index, rest + closing, { ...call, status, arguments: json });
    },
  };
}

export function freeformWriter(call: CustomToolCallItem, initial: JsonObject, { frames, index }: Place): ItemWriter {
  const item = { item_id: call.id, output_index: index };
  const delta = frames.deltas('response.custom_tool_call_input.delta', item);
  const decoder = new FreeformInputDecoder();
  let json = '';
  let written = '';

  function write(text: string): string {
    written += text;
    return text === '' ? '' : delta(text);
  }

  return {
    start: () => added(frames, index, call),
    delta: (event) => {
      if (event.type !== 'input_json_delta') return '';
      json += event.partial_json;
      return write(decoder.push(event.partial_json));
    },
    finish: (outcome) => {
      const whole = json === '' ? initial : parsed(json);
      const input = whole === undefined ? written : freeformInput(whole);
      const rest = input.startsWith(written) ? write(input.slice(written.length)) : '';
      const closing = frames.event('response.custom_tool_call_input.done', { ...item, input });
      return done(frames, index, rest + closing, { ...call, status: outcome?.status ?? 'completed', input });
    },
  };
}

/** The arguments of a call; undefined when the message was cut in the middle of them. */
function parsed(json: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isObject(value) ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}
