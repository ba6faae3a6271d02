import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ServerPowers } from '../claude/arguments.ts';
import type { Plan } from '../claude/plan.ts';
import { DEFAULT_PROFILE } from '../claude/profiles.ts';
import { restored } from '../claude/form/restore.ts';
import type { AnswerEvents, CallOrigin } from '../gateway/call.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { AssembledMessage } from '../wire/anthropic/message.ts';
import { MessageAssembler } from '../wire/anthropic/message.ts';
import type { StreamEvent } from '../wire/anthropic/events.ts';
import { OcpError, toOcpError } from '../wire/errors.ts';
import { listed } from '../wire/name-list.ts';
import type { ReplyContext, Surface } from '../wire/surface.ts';
import { receivedOf } from './body/body-parser.ts';
import type { Translated } from './body/translate.ts';
import type { FindKept } from './body/translation-thread.ts';
import type { Translation, Translator } from './body/translator.ts';
import type { FindKey } from './call-origin.ts';
import { callOrigin } from './call-origin.ts';
import type { Caller } from './identity.ts';
import { profileOf } from './owner.ts';
import { planHeaders } from './plan-headers.ts';
import { writeError } from './error-reply.ts';
import { bareId } from './request-id.ts';
import { replyWithStream } from './stream-reply.ts';

export interface TurnRouteOptions {
  readonly translator: Translator;
  readonly gateway: Gateway;
  readonly heartbeatMs: () => number;
  readonly slowReaderMs: number;
  /** Told of a failure that is OCP's own, for its log. */
  readonly onInternalError: (error: unknown) => void;
  readonly isOwnSession: (sessionId: string) => boolean;
  /** What a caller may have done on this machine. */
  readonly powersOf: (caller: Caller) => ServerPowers | undefined;
  readonly findKey: FindKey;
  /** What is known of the plan behind a profile. */
  readonly planOf: (profile: string) => Plan | undefined;
  readonly now: () => number;
}

/** What a surface does besides answering. */
export interface TurnHooks<Reply> {
  /**
   * Called with an answer that is whole, before the client's next request can be read; not for one that failed or whose
   * client hung up.
   */
  readonly onComplete?: (message: AssembledMessage, asked: Asked<Reply>, context: ReplyContext) => void;
  readonly findKept?: FindKept;
}

/** A translated request with what its surface answers by. */
export type Asked<Reply> = Omit<Translated, 'reply'> & { readonly reply: Reply };

/** Serves one surface: translates the request, runs the turn, and answers in kind, errors included. */
export async function serveTurn<Reply>(
  surface: Surface<Reply>,
  request: FastifyRequest,
  reply: FastifyReply,
  caller: Caller,
  options: TurnRouteOptions,
  hooks: TurnHooks<Reply> = {},
): Promise<void> {
  const context = newReplyContext(request, options.now);
  const abort = new AbortController();
  // An answer that is whole closes too; nobody has to be told of that.
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) abort.abort();
  });
  const origin = callOrigin(surface.name, request, caller, options.findKey);
  let events: AnswerEvents | undefined;
  try {
    const parsed = await read(surface, request, origin, options, {
      context: { replyId: context.replyId },
      signal: abort.signal,
      ...hooks,
    });
    const powers = options.powersOf(caller);
    const answer = await options.gateway.answer({
      ...origin,
      request: parsed.request,
      ...(parsed.conversationId === undefined
        ? {}
        : { conversationId: parsed.conversationId, openResults: parsed.openResults }),
      ...(parsed.truncate === undefined ? {} : { truncate: parsed.truncate }),
      profile: profileOf(caller),
      isStreamed: parsed.stream,
      hints: () => parsed.hints,
      ...(powers === undefined ? {} : { powers }),
      signal: abort.signal,
    });
    events = restored(answer.events, parsed.inverse);
    const headers = (): Record<string, string> => ({
      ...planHeaders(ownPlan(caller, options), options.now()),
      ...ignoredHeader([...new Set([...parsed.ignored, ...answer.ignored, ...answer.leftOut])]),
      ...(answer.droppedMessages === 0 ? {} : { 'x-ocp-truncated': `${answer.droppedMessages} oldest messages` }),
    });
    if (parsed.stream) {
      reply.hijack();
      const encoder = surface.encoder(parsed.reply, context);
      // A stream that nobody wants whole at its end is not put together.
      const assembler = hooks.onComplete && new MessageAssembler();
      const isWhole = await replyWithStream(reply.raw, assembler ? collected(events, assembler) : events, encoder, {
        headers,
        heartbeatMs: options.heartbeatMs(),
        slowReaderMs: options.slowReaderMs,
      });
      if (isWhole && !abort.signal.aborted && assembler !== undefined)
        hooks.onComplete?.(assembler.message(), parsed, context);
    } else {
      const assembler = new MessageAssembler();
      for await (const event of events) assembler.push(event);
      const message = assembler.message();
      hooks.onComplete?.(message, parsed, context);
      const body = surface.complete(message, parsed.reply, context);
      if (body instanceof Uint8Array) void reply.type('application/json; charset=utf-8');
      await reply.headers(headers()).send(body);
    }
  } catch (error) {
    await events?.return();
    const shown = toOcpError(error);
    if (!reply.raw.headersSent) {
      const told = planHeaders(ownPlan(caller, options), options.now());
      for (const [name, value] of Object.entries(told)) reply.raw.setHeader(name, value);
    }
    writeError(request, reply, shown);
    // The reply is this function's own by now: what is thrown here would reach no error handler.
    if (shown.code === 'internal_error') options.onInternalError(error);
  }
}

/** What is known of the plan that is the caller's own; one that a household shares is nobody's. */
function ownPlan({ key }: Caller, { planOf }: TurnRouteOptions): Plan | undefined {
  const profile = key?.profile ?? DEFAULT_PROFILE;
  return profile === DEFAULT_PROFILE ? undefined : planOf(profile);
}

/** Translates the request. One that cannot be leaves a record like any other. */
async function read<Reply>(
  surface: Surface<Reply>,
  request: FastifyRequest,
  origin: CallOrigin,
  options: TurnRouteOptions,
  rest: Pick<Translation, 'context' | 'signal' | 'findKept'>,
): Promise<Asked<Reply>> {
  try {
    refuseLoop(request, options);
    const { context, signal, findKept } = rest;
    const translated = await options.translator.translate({
      endpoint: surface.name,
      received: receivedOf(request),
      headers: request.headers,
      owner: origin.owner,
      context,
      signal,
      ...(findKept === undefined ? {} : { findKept }),
    });
    // The endpoint of a surface makes the replies of that surface.
    return translated as Asked<Reply>;
  } catch (error) {
    const failure = rest.signal.aborted ? new OcpError('client_closed', 'The client hung up.') : error;
    options.gateway.refused(origin, failure);
    throw failure;
  }
}

/** A worker whose API address is OCP's own would call OCP for its answer, which would need another worker, and so on. */
function refuseLoop(request: FastifyRequest, { isOwnSession }: TurnRouteOptions): void {
  const session = request.headers['x-claude-code-session-id'];
  if (typeof session !== 'string' || !isOwnSession(session)) return;
  throw new OcpError(
    'loop_detected',
    "This request comes from one of OCP's own workers: on the server, the Claude CLI's settings send it back to OCP.",
  );
}

async function* collected(
  events: AsyncIterable<StreamEvent>,
  assembler: MessageAssembler,
): AsyncGenerator<StreamEvent, void> {
  for await (const event of events) {
    assembler.push(event);
    yield event;
  }
}

/** A header cannot carry every character that a field's name can. */
function ignoredHeader(names: readonly string[]): Record<string, string> {
  return names.length === 0 ? {} : { 'x-ocp-ignored': listed(names).replaceAll(/[^\x20-\x7e]/g, '?') };
}

function newReplyContext(request: FastifyRequest, now: () => number): ReplyContext {
  const seconds = (): number => Math.floor(now() / 1000);
  return { replyId: bareId(request.id), created: seconds(), now: seconds };
}
