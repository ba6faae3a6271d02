import { isThinkingMissing, isThinkingRefusal, loginFailure } from '../claude/failure.ts';
import { withoutThinking } from '../claude/packed/without-thinking.ts';
import type { Logins } from '../claude/logins.ts';
import type { ModelCatalogue, ResolvedModel } from '../claude/models.ts';
import { withFirst } from '../claude/packed/setup-parts.ts';
import type { RunningTurn, WantedTurn, WorkerOrigin } from '../claude/workforce.ts';
import type { StreamEvent } from '../wire/anthropic/events.ts';
import { MessageAssembler } from '../wire/anthropic/message.ts';
import { OcpError, toOcpError } from '../wire/errors.ts';
import type { FairQueue } from './admission.ts';
import type { AnswerPlan } from './answer-plan.ts';
import { planAnswer } from './answer-plan.ts';
import { cacheKey } from './cache/cache-key.ts';
import type { ResponseCache } from './cache/response-cache.ts';
import type { AnswerEvents, CallOrigin, GatewayAnswer, GatewayCall, PreparedCall } from './call.ts';
import { originOf, recordOf } from './call-record.ts';
import { deltaCharacters } from './characters.ts';
import { LazyEvents } from './lazy-events.ts';
import type { LiveRequests } from './live-requests.ts';
import { modelFor } from './limits/allowed-models.ts';
import type { Amounts } from './limits/amounts.ts';
import { nothing } from './limits/amounts.ts';
import { estimate } from './limits/estimate.ts';
import type { Limits, Reservation } from './limits/limits.ts';
import { listPrice, totalTokens } from './limits/price.ts';
import { OpenRequests } from './open-requests.ts';
import type { PackedRequest } from './packed-request.ts';
import { promptCharacters } from './packed-request.ts';
import type { PromptLimit } from './prompt-limit.ts';
import { limitFor, limitPrompt, windowError } from './prompt-limit.ts';
import type { ReportedUsd, RequestRecord } from './record.ts';
import { isCounted, noTurn, shortName, usedTokens } from './record.ts';
import type { Sessions, SessionTurn } from './sessions.ts';
import { shapeAnswer } from './shape.ts';
import { planThinking } from './thinking-plan.ts';

/** How often a turn whose worker died before its first word is begun again. */
const UNSEEN_RETRIES = 1;

export interface GatewayOptions {
  readonly logins: Logins;
  readonly queue: FairQueue;
  readonly sessions: Sessions;
  readonly cache: ResponseCache;
  /** Told of every request that waits or runs. */
  readonly live: LiveRequests;
  readonly models: () => ModelCatalogue;
  /** Most time of one request, its wait included, ms; read anew each time. */
  readonly timeoutMs: () => number;
  /** Most time of counting tokens once it has a place, ms: it calls no model. */
  readonly countTimeoutMs: number;
  readonly promptLimit: () => PromptLimit;
  /** The operator's words before every client's system prompt. */
  readonly systemPrompt: string | undefined;
  /** What keeps the CLI from being used, for clients; undefined when nothing does. */
  readonly problem: () => string | undefined;
  readonly limits: Limits;
  /** Whether an answer from the cache counts as a request of its key; read anew each time. */
  readonly countsCached: () => boolean;
  /** Raises OcpError `plan_limit_reached` when the plan of this login has nothing left for this model. */
  readonly requirePlan: (profile: string, model: string) => void;
  /** A turn has shown whether the login of a profile works. */
  readonly onLogin: (profile: string, works: boolean) => void;
  /** Called once for each request; the CLI's word about what it cost comes a moment later. */
  readonly onRecord: (record: RequestRecord, reported: ReportedUsd | undefined) => void;
  /** Wall clock, Unix ms. */
  readonly now: () => number;
  /** Monotonic clock, ms: a duration is never negative. */
  readonly steady: () => number;
}

interface Attempt {
  retries: number;
  origin: WorkerOrigin | undefined;
  replayed: boolean;
  reported: ReportedUsd | undefined;
  /** Whether the model was stopped in the middle: what the CLI then says of the cost may leave out what was said so far. */
  isCut: boolean;
}

/** The way of a request, from its translation to its record. */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #requests: OpenRequests;
  #isStopping = false;

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#requests = new OpenRequests(options.timeoutMs);
  }

  get running(): number {
    return this.#requests.size;
  }

  /**
   * Answers a request. What can be refused without a worker is refused here (OcpError `cli_unavailable`,
   * `model_not_found`, `context_length_exceeded`); every later failure, limits included, comes out of the events. Until
   * they are read nothing is reserved. What goes on with a named conversation waits for the turn before it.
   */
  async answer(call: GatewayCall): Promise<GatewayAnswer> {
    let session: SessionTurn | undefined;
    try {
      this.#requireService();
      session = await this.#session(call);
      const { prepared, dropped } = this.#prepare(call, session);
      return {
        events: new LazyEvents(
          () => this.#admitted(prepared),
          () => session?.end(),
        ),
        droppedMessages: dropped,
        ignored: [...prepared.thinking.ignored, ...beyondModel(prepared)],
        leftOut: prepared.leftOut,
      };
    } catch (error) {
      session?.end();
      this.refused(call, error);
      throw error;
    }
  }

  /** Records a request that was refused before anything began. */
  refused(call: CallOrigin & { readonly request?: PackedRequest }, error: unknown): void {
    const modelAsked = shortName(call.request?.model ?? '');
    const promptChars = call.request === undefined ? 0 : promptCharacters(call.request);
    const outcome = toOcpError(error).code;
    const times = { durationMs: 0, firstEventMs: undefined };
    const answered = { modelAnswered: undefined, responseChars: 0, refused: true } as const;
    const record = { ...originOf(call), modelAsked, promptChars, outcome, ...answered, ...noTurn, ...times };
    this.#options.onRecord(record, undefined);
  }

  /**
   * Counts the tokens of a request; takes a place like a turn, but is none, uses up no quota and leaves no record. Who has
   * used up a quota may not count either: it costs a process like any other request.
   */
  async countTokens(call: Omit<GatewayCall, 'hints' | 'caller' | 'client' | 'surface'>): Promise<number> {
    this.#requireService();
    const model = modelFor(this.#options.models(), call.request.model, call.limited);
    const { limited } = call;
    const reservation = limited && this.#options.limits.enterFree(limited.account, limited.limits);
    const abort = this.#requests.begin(call);
    const late = new AbortController();
    const signal = AbortSignal.any([abort.signal, late.signal]);
    let timer: NodeJS.Timeout | undefined;
    try {
      const leave = await this.#options.queue.enter(call.owner, signal);
      timer = setTimeout(() => late.abort(countedTooLong), this.#options.countTimeoutMs);
      try {
        return await this.#options.logins
          .of(call.profile)
          .countTokens(this.#wanted(call, model, planAnswer(call.request, {}, false)), signal);
      } finally {
        leave();
      }
    } catch (error) {
      if (signal.aborted) throw toOcpError(signal.reason);
      if (error instanceof OcpError) throw error;
      throw new OcpError('upstream_error', 'The Claude CLI did not count the tokens.', { cause: error });
    } finally {
      clearTimeout(timer);
      abort.end();
      reservation?.settle(nothing);
    }
  }

  /** Ends the requests, running or waiting, whose owner matches, with this error; tells how many they were. */
  endTurns(test: (owner: string) => boolean, error: OcpError): number {
    return this.#requests.endWhere(test, error);
  }

  /** Lets running requests finish until the signal is aborted, then ends them with `shutting_down`. */
  async drain(deadline: AbortSignal): Promise<void> {
    this.#isStopping = true;
    await this.#requests.drain(deadline);
  }

  /** The request's place in the conversation that its client named. */
  async #session(call: GatewayCall): Promise<SessionTurn | undefined> {
    const { owner, conversationId, request, openResults = [] } = call;
    if (conversationId === undefined) return undefined;
    const open = this.#requests.begin(call);
    try {
      return await this.#options.sessions.begin(owner, conversationId, request, openResults, open.signal);
    } finally {
      open.end();
    }
  }

  #prepare(
    call: GatewayCall,
    session: SessionTurn | undefined,
  ): { readonly prepared: PreparedCall; readonly dropped: number } {
    this.#requireService();
    const model = modelFor(this.#options.models(), call.request.model, call.limited);
    const limit = limitFor(this.#options.promptLimit(), call.truncate ?? false, model.model?.contextWindow);
    const { request, dropped } = limitPrompt(session?.request ?? call.request, limit);
    const promptChars = promptCharacters(request);
    const thinking = planThinking(request, model);
    return {
      prepared: { ...call, request, model, thinking, promptChars, leftOut: [], ...(session && { session }) },
      dropped,
    };
  }

  #admitted(call: PreparedCall): AnswerEvents {
    let reservation: Reservation | undefined;
    try {
      reservation = this.#reserve(call);
      return this.#cached(call, reservation) ?? this.#events(call, reservation);
    } catch (error) {
      reservation?.settle(nothing);
      call.session?.end();
      this.refused(call, error);
      throw error;
    }
  }

  #reserve({ limited, request, promptChars, model }: PreparedCall): Reservation | undefined {
    if (limited === undefined) return undefined;
    const need = estimate(request, promptChars, model, this.#options.models(), limited.limits);
    return this.#options.limits.enter(limited.account, limited.limits, need);
  }

  /** The answer by way of the cache; undefined when the cache has no part in this request. */
  #cached(call: PreparedCall, reservation: Reservation | undefined): AsyncGenerator<StreamEvent, void> | undefined {
    const { cache } = this.#options;
    const { request, conversationId, powers } = call;
    if (!cache.isOn || conversationId !== undefined || powers !== undefined) return undefined;
    const hints = call.hints();
    if (hints.hasCacheControl) return undefined;
    const key = cacheKey({
      told: this.#wanted(call, call.model, planAnswer(request, call.thinking, call.isStreamed)),
      answered: request,
      sampling: hints.sampling,
      worker: this.#options.logins.shapeOf(call.profile, call.model.id),
    });
    const make = (signal: AbortSignal): AsyncGenerator<StreamEvent, void> =>
      this.#events({ ...call, signal }, reservation);
    const { events, outcome } = cache.answer(call.owner, key, call.signal, make);
    return outcome === 'made' ? events : this.#followed(call, events, outcome, reservation);
  }

  /** Records a request that had no turn of its own. */
  async *#followed(
    call: PreparedCall,
    events: AsyncGenerator<StreamEvent, void>,
    cached: 'hit' | 'joined',
    reservation: Reservation | undefined,
  ): AsyncGenerator<StreamEvent, void> {
    const { steady, onRecord, countsCached } = this.#options;
    const startedAt = steady();
    const assembler = new MessageAssembler();
    let outcome: RequestRecord['outcome'] = 'client_closed';
    let firstEventMs: number | undefined;
    try {
      for await (const event of events) {
        firstEventMs ??= steady() - startedAt;
        assembler.push(event);
        yield event;
      }
      outcome = 'ok';
    } catch (error) {
      if (!call.signal.aborted) outcome = toOcpError(error).code;
      throw error;
    } finally {
      const times = { durationMs: steady() - startedAt, firstEventMs };
      const record = { ...recordOf(call, outcome, assembler.message()), ...noTurn, ...times, cached };
      onRecord(record, undefined);
      reservation?.settle({ ...nothing, requests: isCounted(record) && countsCached() ? 1 : 0 });
    }
  }

  async *#events(call: PreparedCall, reservation: Reservation | undefined): AsyncGenerator<StreamEvent, void> {
    const { queue, now, steady, requirePlan, onLogin } = this.#options;
    const startedAt = steady();
    const abort = this.#requests.begin(call);
    const live = this.#options.live.begin({ ...originOf(call), model: call.model.id, startedAt: now() });
    const assembler = new MessageAssembler();
    const attempt: Attempt = { retries: 0, origin: undefined, replayed: false, reported: undefined, isCut: false };
    let firstEventAt: number | undefined;
    // A reader that stops in the middle has hung up; what else can happen is caught below.
    let outcome: RequestRecord['outcome'] = 'client_closed';
    try {
      requirePlan(call.profile, call.model.id);
      const leave = await queue.enter(call.owner, abort.signal);
      try {
        live.working();
        for await (const event of this.#turn(call, abort.signal, attempt, assembler)) {
          firstEventAt ??= steady();
          live.event(now(), deltaCharacters(event));
          yield event;
        }
        outcome = 'ok';
        call.session?.remember(call.request, { role: 'assistant', content: assembler.message().content });
      } finally {
        leave();
      }
    } catch (error) {
      const failure = abort.signal.aborted ? toOcpError(abort.signal.reason) : explain(toOcpError(error), call);
      outcome = failure.code;
      throw failure;
    } finally {
      if (outcome === 'ok' || outcome === 'not_logged_in') onLogin(call.profile, outcome === 'ok');
      abort.end();
      live.end();
      call.session?.end();
      const { reported, isCut, ...turn } = attempt;
      const message = assembler.message();
      const usage = usedTokens(message);
      const listUsd = usage === undefined ? 0 : (listPrice(usage, call.model.model) ?? 0);
      const times = {
        durationMs: steady() - startedAt,
        firstEventMs: firstEventAt === undefined ? undefined : firstEventAt - startedAt,
      };
      const record = { ...recordOf(call, outcome, message), usage, listUsd, ...times, ...turn };
      const isWhole = outcome === 'ok' && !isCut;
      this.#settle(
        call,
        reservation,
        record,
        isWhole ? reported : reported?.then((usd) => (usd === undefined ? undefined : Math.max(usd, listUsd))),
      );
    }
  }

  /** What a request used counts at its end; what the CLI says of its cost corrects it a moment later. */
  #settle(
    { limited }: PreparedCall,
    reservation: Reservation | undefined,
    record: RequestRecord,
    reported: ReportedUsd | undefined,
  ): void {
    const { onRecord, limits } = this.#options;
    onRecord(record, reported);
    const used: Amounts = {
      requests: isCounted(record) ? 1 : 0,
      tokens: record.usage === undefined ? 0 : totalTokens(record.usage),
      usd: record.listUsd,
    };
    reservation?.settle(used);
    if (limited === undefined) return;
    void reported?.then((usd) => {
      if (usd !== undefined) limits.correct(limited.account, { ...nothing, usd: usd - used.usd });
    });
  }

  #requireService(): void {
    if (this.#isStopping) throw new OcpError('shutting_down', 'OCP is stopping.');
    const problem = this.#options.problem();
    if (problem !== undefined) throw new OcpError('cli_unavailable', `OCP cannot answer yet. To do: ${problem}`);
  }

  /** The events of one answer, begun again on another worker when the first one died before its first word. */
  async *#turn(
    call: PreparedCall,
    signal: AbortSignal,
    attempt: Attempt,
    assembler: MessageAssembler,
  ): AsyncGenerator<StreamEvent, void> {
    let hasStarted = false;
    let { request, thinking } = call;
    for (;;) {
      let running: RunningTurn | undefined;
      try {
        const plan = planAnswer(request, thinking, call.isStreamed, call.powers);
        const wanted = this.#wanted({ request, owner: call.owner }, call.model, plan);
        running = await this.#options.logins.of(call.profile).begin(wanted, signal);
        attempt.origin = running.origin;
        attempt.replayed = running.replayed;
        attempt.reported = running.turn.ended.then(({ costUsd }) => costUsd);
        for await (const event of shapeAnswer(running, plan, signal, assembler)) {
          if (event.type === 'message_start' && hasStarted) continue;
          hasStarted = true;
          yield event;
        }
        attempt.isCut = plan.cutting.some((filter) => filter.cut);
        return;
      } catch (error) {
        const mayRetry = running === undefined || !running.turn.hasContent;
        const mended = mayRetry && !signal.aborted ? withoutRefused({ request, thinking }, error) : undefined;
        if (mended !== undefined) {
          ({ request, thinking } = mended);
          call.leftOut.push(mended.leftOut);
          continue;
        }
        const isLost = error instanceof OcpError && error.code === 'worker_lost';
        if (signal.aborted || !isLost || !mayRetry || attempt.retries >= UNSEEN_RETRIES) throw error;
        attempt.retries += 1;
      }
    }
  }

  #wanted(
    { request, owner }: Pick<GatewayCall, 'request' | 'owner'>,
    model: ResolvedModel,
    plan: AnswerPlan,
  ): WantedTurn {
    const { systemPrompt } = this.#options;
    const system = withFirst(systemPrompt, request.system);
    return {
      owner,
      setup: { model: model.id, system, ...plan.setup },
      settings: plan.settings,
      messages: request.messages,
    };
  }
}

const countedTooLong = new OcpError('timeout', 'The Claude CLI took too long to count the tokens.');

/** A limit above what the model can write is no limit: the CLI lowers it to that. */
function beyondModel({ request, model, surface }: PreparedCall): readonly string[] {
  const most = model.model?.maxOutputTokens;
  if (most === undefined || (request.maxTokens ?? 0) <= most) return [];
  return [surface === 'openai-responses' ? 'max_output_tokens' : 'max_tokens'];
}

/**
 * The request without the thinking that the API refused, or without thinking at all where it is missed then. Undefined when
 * that would change nothing, or the refusal is about something else.
 */
function withoutRefused(
  { request, thinking }: Pick<PreparedCall, 'request' | 'thinking'>,
  error: unknown,
): (Pick<PreparedCall, 'request' | 'thinking'> & { readonly leftOut: string }) | undefined {
  if (isThinkingRefusal(error)) {
    const messages = withoutThinking(request.messages);
    return messages && { request: { ...request, messages }, thinking, leftOut: 'messages (thinking)' };
  }
  if (isThinkingMissing(error) && thinking.thinking?.type !== 'disabled') {
    return { request, thinking: { ...thinking, thinking: { type: 'disabled' } }, leftOut: 'thinking' };
  }
  return undefined;
}

/** Says what the CLI leaves out: by how much a prompt is too long. */
function explain(error: OcpError, call: PreparedCall): OcpError {
  // A turn does not know whose login it runs on.
  if (error.code === 'not_logged_in') return loginFailure('The login to Claude is missing or has ended.', call.profile);
  const { model } = call.model;
  const isBare = error.code === 'context_length_exceeded' && !/\d+ tokens/u.test(error.message);
  return isBare && model?.contextWindow !== undefined ? windowError(call.request, model.contextWindow) : error;
}
