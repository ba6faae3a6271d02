import type { Effort } from '../anthropic/request.ts';
import { OcpError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { ChatBody } from './body.ts';

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

/** Names of the fields in this request that are accepted and have no effect. */
export function fieldsWithoutEffect(body: ChatBody): string[] {
  return withoutEffect
    .filter(([name, isNeutral]) => {
      const value = body[name];
      return value !== undefined && value !== null && !isNeutral(value);
    })
    .map(([name]) => name);
}

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

/** How hard to think: `reasoning_effort`, or `reasoning.effort`; OpenAI's lowest level is Claude's lowest. */
export function effortOf(body: ChatBody): Effort | undefined {
  const effort = body.reasoning_effort ?? body.reasoning?.effort ?? undefined;
  return effort === 'minimal' ? 'low' : effort;
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
  if (format?.type === 'json_object' || (format?.type !== 'text' && body.json_mode === true)) return { type: 'object' };
  return undefined;
}
