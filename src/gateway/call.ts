import type { ServerPowers } from '../claude/arguments.ts';
import type { ResolvedModel } from '../claude/models.ts';
import type { KeyLimits } from '../store/key-record.ts';
import type { StreamEvent } from '../wire/anthropic/events.ts';
import type { OpenResult } from '../wire/open-result.ts';
import type { SessionTurn } from './sessions.ts';
import type { CacheHints } from './cache/cache-key.ts';
import type { ModelRights } from './limits/allowed-models.ts';
import type { PackedRequest } from './packed-request.ts';
import type { ThinkingPlan } from './thinking-plan.ts';

/** What limits a caller. */
export interface LimitedCaller extends ModelRights {
  /** Under which name use is counted. */
  readonly account: string;
  readonly limits: KeyLimits;
}

/** Who sent a request. */
export interface CallOrigin {
  readonly surface: string;
  /** Names the caller's key or role: nothing is shared between two owners. */
  readonly owner: string;
  /** The name under which usage is recorded. */
  readonly caller: string;
  /** The family of the client program. */
  readonly client: string;
  /** Absent = no limits. */
  readonly limited?: LimitedCaller;
}

/** One request, translated and identified. */
export interface GatewayCall extends CallOrigin {
  readonly request: PackedRequest;
  /** The client's own name for the conversation, when it gave one. */
  readonly conversationId?: string;
  /** Tool results of a named conversation whose calls are not in the request. */
  readonly openResults?: readonly OpenResult[] | undefined;
  /** The login whose workers answer: requests never move between accounts. */
  readonly profile: string;
  /** Whether the client sees the answer while it is made. */
  readonly isStreamed: boolean;
  /** What the cache has to know of the body; read only when the cache is on. */
  readonly hints: () => CacheHints;
  /** What the caller may have done on this machine; absent = nothing. */
  readonly powers?: ServerPowers;
  /** Aborted when the client hangs up. */
  readonly signal: AbortSignal;
  /** The client lets the oldest messages be left out where they do not fit, whatever the operator chose. */
  readonly truncate?: boolean;
}

/** The events of an answer, for one reader; `return` ends what makes them. */
export type AnswerEvents = Required<Pick<AsyncIterableIterator<StreamEvent, void>, 'next' | 'return'>> &
  AsyncIterable<StreamEvent, void>;

/** The answer to a call: its events as they come, and what is known before the first one. */
export interface GatewayAnswer {
  readonly events: AnswerEvents;
  /** How many of the oldest messages did not fit the operator's limit. */
  readonly droppedMessages: number;
  /** Names of fields that the model of this request cannot be told. */
  readonly ignored: readonly string[];
  /** What of the request had to be left out, for `x-ocp-ignored`; known when the first event has come. */
  readonly leftOut: readonly string[];
}

/** A call after all that needs no worker. */
export interface PreparedCall extends GatewayCall {
  readonly model: ResolvedModel;
  readonly promptChars: number;
  /** What the model is told about thinking. */
  readonly thinking: ThinkingPlan;
  /** Where what has to be left out is noted. */
  readonly leftOut: string[];
  /** Its place in a named conversation. */
  readonly session?: SessionTurn;
}
