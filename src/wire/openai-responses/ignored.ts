import type { Body } from './schema.ts';
import { OcpError } from '../errors.ts';
import { label } from '../name-list.ts';

/** Fields that have an effect, or are repeated in the answer as OpenAI does. */
const honoured: ReadonlySet<string> = new Set([
  'model',
  'input',
  'instructions',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'text',
  'reasoning',
  'max_output_tokens',
  'stream',
  'store',
  'background',
  'previous_response_id',
  'conversation',
  'truncation',
  'include',
  'metadata',
  'prompt_cache_key',
  'session_id',
  'conversation_id',
  'user',
  'safety_identifier',
]);

/** Raises OcpError `unsupported_parameter` for what would change the answer's meaning if it were passed over. */
export function refuseUnsupported(body: Body): void {
  if (body.background === true) {
    refuse('background', 'Background responses are not supported: OCP answers while the client waits. Use streaming.');
  }
  if (body.prompt !== undefined && body.prompt !== null) {
    refuse('prompt', 'Prompt templates are kept by OpenAI; send the text itself in `instructions` and `input`.');
  }
  if ((body.top_logprobs ?? 0) > 0) refuse('top_logprobs', 'Claude gives no log probabilities.');
  const logprobs = (body.include ?? []).indexOf('message.output_text.logprobs');
  if (logprobs !== -1) refuse(`include[${logprobs}]`, 'Claude gives no log probabilities.');
}

function refuse(param: string, message: string): never {
  throw new OcpError('unsupported_parameter', message, { param });
}

/** The names of accepted fields that have no effect, for the `x-ocp-ignored` header. */
export function ignoredFields(body: Body): string[] {
  const fields = Object.entries(body).filter(([name, value]) => !honoured.has(name) && !isNeutral(name, value));
  const included = (body.include ?? []).filter((name) => name !== 'reasoning.encrypted_content');
  return [
    ...fields.map(([name]) => label(name)),
    ...included.map((name) => `include (${label(name)})`),
    ...(isNeutral('verbosity', body.text?.verbosity) ? [] : ['text.verbosity']),
  ];
}

/** Nothing is lost by passing over a field that asks for what happens anyway. */
function isNeutral(name: string, value: unknown): boolean {
  if (value === undefined || value === null || value === false) return true;
  if (name === 'top_p') return value === 1;
  if (name === 'top_logprobs' || name === 'presence_penalty' || name === 'frequency_penalty') return value === 0;
  if (name === 'service_tier') return value === 'auto' || value === 'default';
  return typeof value === 'object' && Object.keys(value).length === 0;
}
