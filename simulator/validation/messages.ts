import { ApiError } from '../errors.ts';
import type { WireObject } from '../json.ts';
import { contentBlocks, isObject, objectsOf } from '../json.ts';
import { countBreakpoints } from '../prompt/blocks.ts';
import { validateToolPairs } from './tool-pairs.ts';

const maxBreakpoints = 4;
const roles: readonly unknown[] = ['user', 'assistant', 'system'];

/**
 * Checks what the API itself refuses and a client can get wrong.
 * Contract: Anthropic API reference, Messages. @throws ApiError 400.
 */
export function validateMessages(body: unknown): WireObject {
  if (!isObject(body)) throw new ApiError(400, 'The request body must be a JSON object');
  if (typeof body['model'] !== 'string') throw new ApiError(400, 'model: Field required');
  if (body['max_tokens'] === undefined) throw new ApiError(400, 'max_tokens: Field required');
  if (!Number.isInteger(body['max_tokens']) || Number(body['max_tokens']) < 1) {
    throw new ApiError(400, 'max_tokens: Input should be greater than or equal to 1');
  }
  if (body['messages'] === undefined) throw new ApiError(400, 'messages: Field required');
  if (!Array.isArray(body['messages'])) throw new ApiError(400, 'messages: Input should be a valid list');
  if (body['messages'].length === 0) throw new ApiError(400, 'messages: at least one message is required');
  body['messages'].forEach(validateMessage);
  if (objectsOf(body['messages'])[0]?.['role'] !== 'user') {
    throw new ApiError(400, 'messages: first message must use the "user" role');
  }
  validateTools(body['tools']);
  const found = countBreakpoints(body);
  if (found > maxBreakpoints) {
    throw new ApiError(
      400,
      `A maximum of ${maxBreakpoints} blocks with cache_control may be provided. Found ${found}.`,
    );
  }
  validateToolPairs(objectsOf(body['messages']));
  return body;
}

function validateMessage(message: unknown, at: number): void {
  if (!isObject(message)) throw new ApiError(400, `messages.${at}: Input should be a valid dictionary`);
  if (!roles.includes(message['role'])) {
    throw new ApiError(400, `messages.${at}.role: Input should be 'user', 'assistant' or 'system'`);
  }
  const { content } = message;
  if (content === undefined) throw new ApiError(400, `messages.${at}.content: Field required`);
  if (typeof content !== 'string' && !Array.isArray(content)) {
    throw new ApiError(400, `messages.${at}.content: Input should be a valid string or list`);
  }
  if (content.length === 0 && message['role'] === 'user') {
    throw new ApiError(400, `messages.${at}: user messages must have non-empty content`);
  }
  for (const [index, block] of contentBlocks(content).entries()) {
    const place = `messages.${at}.content.${index}`;
    if (typeof block['type'] !== 'string') throw new ApiError(400, `${place}.type: Field required`);
    if (block['type'] === 'text' && (typeof block['text'] !== 'string' || block['text'] === '')) {
      throw new ApiError(400, `messages: text content blocks must be non-empty (${place})`);
    }
  }
}

function validateTools(tools: unknown): void {
  if (tools === undefined) return;
  if (!Array.isArray(tools)) throw new ApiError(400, 'tools: Input should be a valid list');
  const names = new Set<string>();
  for (const [at, tool] of objectsOf(tools).entries()) {
    const name = tool['name'];
    if (typeof name !== 'string') throw new ApiError(400, `tools.${at}.name: Field required`);
    if (!/^[a-zA-Z0-9_-]{1,128}$/.test(name)) {
      throw new ApiError(400, `tools.${at}.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`);
    }
    if (names.has(name)) throw new ApiError(400, 'tools: Tool names must be unique.');
    names.add(name);
    const isCustom = tool['type'] === undefined || tool['type'] === 'custom';
    if (isCustom && !isObject(tool['input_schema'])) {
      throw new ApiError(400, `tools.${at}.input_schema: Field required`);
    }
  }
}
