import type { JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import type { JsonTexts } from '../json-text.ts';
import type { FunctionCall } from './body.ts';

/**
 * The arguments of an earlier call, which OpenAI carries as JSON text and Anthropic as an object.
 *
 * The model itself may have written text that is no JSON object, so it is not the client's mistake: the text goes back
 * under `_raw`, where the model can see what it wrote. So does text that holds more than `texts` reads of one request.
 */
export function toolInput(text: FunctionCall['arguments'], texts: JsonTexts): JsonObject {
  if (typeof text !== 'string') return (text ?? {}) as JsonObject;
  if (text.trim() === '') return {};
  const value = texts.parse(text);
  return isObject(value) ? (value as JsonObject) : { _raw: text };
}

/** The text of a custom tool's call, which the model gives as the one argument `input`. */
export function customInput(json: string): string {
  const value = parseJson(json);
  return isObject(value) && typeof value['input'] === 'string' ? value['input'] : json;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
