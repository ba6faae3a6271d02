import { setTimeout as delay } from 'node:timers/promises';
import type { ErrorAnswer, MessageAnswer } from '../answers/answer.ts';
import { answerEvents } from '../answers/events.ts';
import { resolveAnswer } from '../answers/resolve.ts';
import { wholeMessage } from '../answers/whole.ts';
import { ApiError, defaultErrorMessage } from '../errors.ts';
import type { WireObject } from '../json.ts';
import { isObject } from '../json.ts';
import { planHeaders, planRetryAfter } from '../plan.ts';
import { promptBlocks } from '../prompt/blocks.ts';
import type { CacheLookup } from '../prompt/cache.ts';
import { readRequest } from '../request.ts';
import type { SimulatedRequest } from '../request.ts';
import type { SimulatorState } from '../state.ts';
import { boundSignature, checkBoundThinking } from '../validation/bound-thinking.ts';
import { validateBody } from '../validation/validate.ts';
import { credentialOf, usesSubscription } from './credential.ts';
import type { Exchange } from './exchange.ts';
import { sendJson } from './exchange.ts';
import { streamMessage, untilAborted } from './stream.ts';

/** `POST /v1/messages`. @throws ApiError for whatever the API would refuse, and for scripted errors. */
export async function createMessage(state: SimulatorState, exchange: Exchange, body: unknown): Promise<void> {
  const { headers } = exchange.request;
  state.calls += 1;
  if (usesSubscription(headers)) checkPlan(state, exchange);
  const valid = validateBody(body);
  exchange.log.update({ droppedThinking: checkBoundThinking(valid, state.thinkingBinding) });
  const request = readRequest(valid, headers, exchange.id, state.calls);
  checkModel(state, request.model);
  const blocks = promptBlocks(valid);
  checkWindow(
    state,
    blocks.reduce((sum, block) => sum + block.tokens, 0),
  );

  const answer = resolveAnswer(state.rules.answer(request), request);
  const firstTokenDelayMs = answer.firstTokenDelayMs ?? state.firstTokenDelayMs;
  if (firstTokenDelayMs > 0) await delay(firstTokenDelayMs, undefined, { signal: exchange.signal });
  switch (answer.kind) {
    case 'error':
      throw scriptedError(answer);
    case 'hang_up':
      return hangUp(exchange);
    case 'silent':
      return untilAborted(exchange.signal);
    case 'message': {
      const lookup = state.cache.lookup(JSON.stringify([request.model, credentialOf(headers)]), blocks);
      return sendMessage(state, exchange, request, answer, lookup);
    }
  }
}

/** `POST /v1/messages/count_tokens`. */
export function countMessageTokens(state: SimulatorState, exchange: Exchange, body: unknown): void {
  const valid: WireObject = validateBody(isObject(body) ? { max_tokens: 1, ...body } : body);
  checkModel(state, String(valid['model']));
  sendJson(exchange, 200, { input_tokens: promptBlocks(valid).reduce((sum, block) => sum + block.tokens, 0) });
}

async function sendMessage(
  state: SimulatorState,
  exchange: Exchange,
  request: SimulatedRequest,
  answer: MessageAnswer,
  lookup: CacheLookup,
): Promise<void> {
  const signature = state.thinkingBinding === 'off' ? undefined : boundSignature(request.body);
  const events = answerEvents(answer, request, lookup.usage, state.newId, signature);
  const tokenDelayMs = answer.tokenDelayMs ?? state.tokenDelayMs;
  lookup.commit();
  if (request.stream) {
    return streamMessage(exchange, events, { tokenDelayMs, fault: answer.fault });
  }
  switch (answer.fault?.kind) {
    case 'cut':
      return hangUp(exchange);
    case 'stall':
      return untilAborted(exchange.signal);
    case 'error':
      throw new ApiError(529, answer.fault.message ?? 'Overloaded', answer.fault.errorType);
    case 'malformed':
      exchange.log.update({ outcome: 'malformed', status: 200 });
      exchange.response.writeHead(200, { ...exchange.headers, 'content-type': 'application/json' });
      exchange.response.end('{"id":"msg_broken","type":"mess');
      return;
    case undefined: {
      const message = wholeMessage(events);
      const usage = isObject(message['usage']) ? message['usage'] : {};
      const tokens = Number(usage['output_tokens']);
      const restMs = tokenDelayMs * Math.max(0, tokens - 1);
      if (restMs > 0) await delay(restMs, undefined, { signal: exchange.signal });
      exchange.log.update({ usage, tokensSent: tokens });
      sendJson(exchange, 200, message);
    }
  }
}

function hangUp(exchange: Exchange): void {
  exchange.log.update({ outcome: 'cut' });
  exchange.request.socket.destroy();
}

function scriptedError(answer: ErrorAnswer): ApiError {
  const retryAfter = answer.retryAfterSeconds;
  return new ApiError(answer.status, answer.message ?? defaultErrorMessage(answer.status), answer.type, {
    ...answer.headers,
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
  });
}

function checkPlan(state: SimulatorState, exchange: Exchange): void {
  Object.assign(exchange.headers, planHeaders(state.plan));
  if (state.plan.status !== 'rejected') return;
  throw new ApiError(429, 'This request would exceed your account’s rate limit. Please try again later.', undefined, {
    'retry-after': String(planRetryAfter(state.plan, state.now())),
  });
}

function checkModel(state: SimulatorState, model: string): void {
  if (!model.startsWith('claude-') && !state.models.includes(model)) throw new ApiError(404, `model: ${model}`);
}

function checkWindow(state: SimulatorState, tokens: number): void {
  if (tokens <= state.contextWindow) return;
  throw new ApiError(400, `prompt is too long: ${tokens} tokens > ${state.contextWindow} maximum`);
}
