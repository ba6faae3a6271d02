import type { NewId } from '../ids.ts';
import type { PromptUsage } from '../prompt/cache.ts';
import { splitTokens } from '../prompt/tokens.ts';
import type { SimulatedRequest } from '../request.ts';
import type { AnswerBlock, MessageAnswer } from './answer.ts';
import { applyStopSequences } from './stop-sequences.ts';

/** One SSE event of a message. */
export interface AnswerEvent {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** True for a delta that carries a token. */
  readonly isToken: boolean;
}

/** The final counts of an answer, as `message_delta` carries them. */
export interface OutputUsage {
  readonly output_tokens: number;
  readonly output_tokens_details: { readonly thinking_tokens: number };
}

/**
 * An answer as the events of a streamed message, lazily, in the order of the API. Each delta is one token; the request's
 * `max_tokens` and `stop_sequences` are honoured. `boundSignature` is that of all thinking, where it is bound to the request.
 * Contract: Anthropic API reference, "Streaming Messages".
 */
export function* answerEvents(
  scripted: MessageAnswer,
  request: SimulatedRequest,
  usage: PromptUsage,
  newId: NewId,
  boundSignature?: string,
): Generator<AnswerEvent, void> {
  const answer = applyStopSequences(scripted, request.stopSequences);
  yield event('message_start', {
    message: {
      id: newId('msg'),
      type: 'message',
      role: 'assistant',
      model: request.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { ...usage, output_tokens: 1, service_tier: 'standard' },
    },
  });
  yield event('ping', {});

  let tokens = 0;
  let thinkingTokens = 0;
  let cut = false;
  for (const [index, block] of answer.content.entries()) {
    if (cut || tokens >= request.maxTokens) {
      cut = true;
      break;
    }
    yield event('content_block_start', { index, content_block: startOf(block, newId) });
    for (const piece of piecesOf(block)) {
      if (tokens >= request.maxTokens) {
        cut = true;
        break;
      }
      tokens += 1;
      if (block.type === 'thinking') thinkingTokens += 1;
      yield { type: 'content_block_delta', data: delta(index, deltaOf(block, piece)), isToken: true };
    }
    if (block.type === 'thinking') {
      const signature = boundSignature ?? block.signature ?? newId('sig');
      yield event('content_block_delta', { index, delta: { type: 'signature_delta', signature } });
    }
    yield event('content_block_stop', { index });
  }

  const finalUsage: OutputUsage = { output_tokens: tokens, output_tokens_details: { thinking_tokens: thinkingTokens } };
  yield event('message_delta', {
    delta: {
      stop_reason: cut ? 'max_tokens' : (answer.stopReason ?? naturalStopReason(answer)),
      stop_sequence: cut ? null : (answer.stopSequence ?? null),
    },
    usage: { ...usage, ...finalUsage },
  });
  yield event('message_stop', {});
}

function naturalStopReason(answer: MessageAnswer): string {
  return answer.content.some((block) => block.type === 'tool_use') ? 'tool_use' : 'end_turn';
}

function event(type: string, members: Readonly<Record<string, unknown>>): AnswerEvent {
  return { type, data: { type, ...members }, isToken: false };
}

function delta(index: number, inner: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { type: 'content_block_delta', index, delta: inner };
}

function startOf(block: AnswerBlock, newId: NewId): Readonly<Record<string, unknown>> {
  switch (block.type) {
    case 'text':
      return { type: 'text', text: '' };
    case 'thinking':
      return { type: 'thinking', thinking: '', signature: '' };
    case 'redacted_thinking':
      return { type: 'redacted_thinking', data: block.data };
    case 'tool_use':
      return { type: 'tool_use', id: block.id ?? newId('toolu'), name: block.name, input: {} };
  }
}

function deltaOf(block: AnswerBlock, piece: string): Readonly<Record<string, unknown>> {
  switch (block.type) {
    case 'thinking':
      return { type: 'thinking_delta', thinking: piece };
    case 'tool_use':
      return { type: 'input_json_delta', partial_json: piece };
    default:
      return { type: 'text_delta', text: piece };
  }
}

function piecesOf(block: AnswerBlock): Iterable<string> {
  switch (block.type) {
    case 'text':
    case 'thinking':
      return 'pieces' in block ? block.pieces : splitTokens(block.text);
    case 'redacted_thinking':
      return [];
    case 'tool_use':
      return block.pieces ?? splitTokens(JSON.stringify(block.input ?? {}));
  }
}
