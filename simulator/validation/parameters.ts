import { isObject } from '../json.ts';
import { countBreakpoints } from '../prompt/blocks.ts';
import type { Rule } from './rule.ts';

const maxBreakpoints = 4;
const maxUserId = 512;
const reference = 'API reference, Messages: Create a Message';

/** Rules about the members of the body other than messages, tools and thinking. */
export const parameterRules: readonly Rule[] = [
  {
    name: 'model-required',
    source: reference,
    check: (body, refuse) => {
      if (body['model'] === undefined) refuse('model: Field required');
      if (typeof body['model'] !== 'string') refuse('model: Input should be a valid string');
    },
  },
  {
    name: 'max-tokens',
    source: reference,
    check: ({ max_tokens: most, model }, refuse, { maxOutputTokens = Number.POSITIVE_INFINITY }) => {
      if (most === undefined) refuse('max_tokens: Field required');
      if (!Number.isInteger(most)) refuse('max_tokens: Input should be a valid integer');
      if (Number(most) < 1) refuse('max_tokens: Input should be greater than or equal to 1');
      if (Number(most) > maxOutputTokens) {
        const problem = `which is the maximum allowed number of output tokens for ${String(model)}`;
        refuse(`max_tokens: ${String(most)} > ${maxOutputTokens}, ${problem}`);
      }
    },
  },
  {
    name: 'stop-sequences',
    source: reference,
    check: ({ stop_sequences: sequences }, refuse) => {
      if (sequences === undefined || sequences === null) return;
      if (!Array.isArray(sequences)) refuse('stop_sequences: Input should be a valid list');
      for (const [at, sequence] of (sequences as unknown[]).entries()) {
        if (typeof sequence !== 'string') refuse(`stop_sequences.${at}: Input should be a valid string`);
        if (String(sequence).trim() === '') {
          refuse(`stop_sequences: each stop sequence must contain non-whitespace`);
        }
      }
    },
  },
  {
    name: 'sampling',
    source: reference,
    check: (body, refuse) => {
      for (const [name, most] of [
        ['temperature', 1],
        ['top_p', 1],
        ['top_k', Number.POSITIVE_INFINITY],
      ] as const) {
        const value = body[name];
        if (value === undefined || value === null) continue;
        if (typeof value !== 'number') refuse(`${name}: Input should be a valid number`);
        if (Number(value) < 0) refuse(`${name}: Input should be greater than or equal to 0`);
        if (Number(value) > most) refuse(`${name}: range: 0..${most}`);
      }
    },
  },
  {
    name: 'metadata',
    source: reference,
    check: ({ metadata }, refuse) => {
      if (metadata === undefined || metadata === null) return;
      if (!isObject(metadata)) return refuse('metadata: Input should be a valid dictionary');
      const { user_id: user } = metadata;
      if (user === undefined || user === null) return;
      if (typeof user !== 'string') return refuse('metadata.user_id: Input should be a valid string');
      if (user.length > maxUserId) refuse(`metadata.user_id: String should have at most ${maxUserId} characters`);
    },
  },
  {
    name: 'system',
    source: reference,
    check: ({ system }, refuse) => {
      if (system === undefined || system === null || typeof system === 'string') return;
      if (!Array.isArray(system)) refuse('system: Input should be a valid list');
      for (const [at, block] of (system as unknown[]).entries()) {
        if (!isObject(block) || block['type'] !== 'text') return refuse(`system.${at}.type: Input should be 'text'`);
        if (typeof block['text'] !== 'string') return refuse(`system.${at}.text: Field required`);
        if (block['text'] === '') refuse('system: text content blocks must be non-empty');
      }
    },
  },
  {
    name: 'cache-breakpoints',
    source: 'Prompt caching: How many breakpoints',
    check: (body, refuse) => {
      const found = countBreakpoints(body);
      if (found <= maxBreakpoints) return;
      refuse(`A maximum of ${maxBreakpoints} blocks with cache_control may be provided. Found ${found}.`);
    },
  },
];
