import Anthropic from '@anthropic-ai/sdk';
import type { Simulator } from '../../simulator/index.ts';

export const model = 'claude-sonnet-5-5';

/** An official client of the simulator; it never retries, so that a test sees what was sent. */
export function client(simulator: Simulator, apiKey = 'sk-ant-test'): Anthropic {
  return new Anthropic({ apiKey, baseURL: simulator.url, maxRetries: 0 });
}

/** The parameters of a question, with room for a long answer. */
export function asking(content: Anthropic.MessageParam['content']): Anthropic.MessageCreateParamsNonStreaming {
  return { model, max_tokens: 1_000, messages: [{ role: 'user', content }] };
}

/** The text of an answer. */
export function textOf(message: Anthropic.Message): string {
  return message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
}

/** A raw `POST /v1/messages`, for requests that the official client would not let through. */
export function post(simulator: Simulator, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${simulator.url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'sk-ant-test', ...headers },
    body: JSON.stringify(body),
  });
}
