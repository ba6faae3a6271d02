import { OcpError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import { label } from '../name-list.ts';
import type { ChatBody, ChatMessage } from './body.ts';
import { chatBody } from './body.ts';

type Neutral = (value: unknown) => boolean;

const never: Neutral = () => false;
const zero: Neutral = (value) => value === 0;
const one: Neutral = (value) => value === 1;
const off: Neutral = (value) => value === false;
const byDefault: Neutral = (value) => value === 'auto' || value === 'default';
const empty: Neutral = (value) => typeof value === 'object' && value !== null && Object.keys(value).length === 0;

/** Fields that the CLI gives no way to honour, each with the values at which nothing is lost. */
const withoutEffect: readonly (readonly [string, Neutral])[] = [
  ['temperature', never],
  ['top_p', one],
  ['top_k', never],
  ['min_p', zero],
  ['repetition_penalty', one],
  ['presence_penalty', zero],
  ['frequency_penalty', zero],
  ['logit_bias', empty],
  ['seed', never],
  ['verbosity', never],
  ['service_tier', byDefault],
  ['prediction', never],
  ['store', off],
  ['web_search_options', never],
  ['moderation', never],
];

/** Beyond the schema: fields that name the user, the cache or the conversation, or that are refused where they matter. */
const understood: ReadonlySet<string> = new Set([
  ...Object.keys(chatBody.shape),
  'metadata',
  'user',
  'prompt_cache_key',
  'prompt_cache_retention',
  'safety_identifier',
  'cache_control',
  'logprobs',
  'top_logprobs',
  'modalities',
  'audio',
  'structured_outputs',
]);

/**
 * Names of the fields in this request that are accepted and have no effect, those that nobody knows included. A client may
 * have called a field anything, and the names go into a header.
 */
export function fieldsWithoutEffect(body: ChatBody): string[] {
  const neutral = new Map(withoutEffect);
  return Object.entries(body).flatMap(([name, value]) => {
    const isNeutral = neutral.get(name) ?? ((given: unknown): boolean => given === false || empty(given));
    if (understood.has(name) || value === undefined || value === null || isNeutral(value)) return [];
    return [label(name)];
  });
}

/** What the history says that cannot be replayed: reasoning without Anthropic's signature. */
export function historyWithoutEffect(messages: readonly ChatMessage[]): string[] {
  const names = new Set<string>();
  for (const message of messages) {
    if (message.role !== 'assistant') continue;
    for (const name of ['reasoning_content', 'reasoning', 'reasoning_details']) {
      const value = message[name];
      if (value !== undefined && value !== null && value !== '' && !empty(value)) names.add(`messages.${name}`);
    }
    const parts = Array.isArray(message.content) ? message.content : [];
    for (const { type } of parts) if (!spoken.has(type)) names.add(`messages.content (${type})`);
  }
  return [...names];
}

const spoken: ReadonlySet<string> = new Set(['text', 'input_text', 'output_text', 'refusal']);

/** Raises OcpError `unsupported_parameter` for a field that would change what the answer means. */
export function refuseUnsupported(body: ChatBody): void {
  const { n, logprobs, top_logprobs: top, modalities, audio } = body;
  if ((n ?? 1) > 1) throw unsupported('n', 'only one choice can be given');
  if (logprobs === true) throw unsupported('logprobs', 'Claude gives no log probabilities');
  if (typeof top === 'number' && top > 0) throw unsupported('top_logprobs', 'Claude gives no log probabilities');
  const asksAudio = Array.isArray(modalities) && modalities.includes('audio');
  if (asksAudio) throw unsupported('modalities', 'answers are text only');
  if (audio !== undefined && audio !== null) throw unsupported('audio', 'answers are text only');
}

function unsupported(param: string, reason: string): OcpError {
  return new OcpError('unsupported_parameter', `'${param}' is not supported with this value: ${reason}.`, { param });
}

/** The most tokens of the answer; the newer name wins. */
export function maxTokensOf(body: ChatBody): number | undefined {
  return body.max_completion_tokens ?? body.max_tokens ?? body.max_output_tokens ?? undefined;
}

export function stopSequencesOf(body: ChatBody): string[] {
  return [body.stop ?? []].flat().filter((sequence) => sequence !== '');
}

/** The schema that the answer must follow; any object where only JSON was asked for. */
export function outputSchemaOf(body: ChatBody): JsonObject | undefined {
  const format = body.response_format;
  if (format?.type === 'json_schema') return (format.json_schema.schema ?? { type: 'object' }) as JsonObject;
  const guided = body.guided_json ?? body.structured_outputs?.json;
  if ((format === undefined || format === null) && isObject(guided)) return guided as JsonObject;
  if (format?.type === 'json_object' || (format?.type !== 'text' && body.json_mode === true)) return { type: 'object' };
  return undefined;
}
