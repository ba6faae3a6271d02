import type { WorkerOrigin } from '../claude/workforce.ts';
import type { Usage } from '../wire/anthropic/events.ts';
import type { AssembledMessage } from '../wire/anthropic/message.ts';
import type { ErrorCode } from '../wire/errors.ts';
import { CHARACTERS_PER_TOKEN, contentCharacters } from './characters.ts';

/** What is written down of a request, however it ends. Times in ms. */
export interface RequestRecord {
  readonly surface: string;
  readonly owner: string;
  /** On whose account it goes: `key:` and an id, or a role. */
  readonly account: string;
  /** The caller's name. */
  readonly caller: string;
  /** The family of the client program. */
  readonly client: string;
  /** As the client wrote it; empty when it named none, or when the request could not be read. */
  readonly modelAsked: string;
  /** The model that really answered; undefined when none did. */
  readonly modelAnswered: string | undefined;
  readonly outcome: 'ok' | ErrorCode;
  /** What was used; undefined when no model answered for this request. */
  readonly usage: Usage | undefined;
  /** USD of the usage at the list prices of models.json; the CLI's own word follows when it has spoken. */
  readonly listUsd: number;
  /** Characters of system prompt and messages. */
  readonly promptChars: number;
  /** Characters of the answer. */
  readonly responseChars: number;
  readonly durationMs: number;
  /** From the request to the first event; undefined when there was none. */
  readonly firstEventMs: number | undefined;
  readonly origin: WorkerOrigin | undefined;
  readonly replayed: boolean;
  /** Answered without a turn of its own: from the cache, or from the same answer in the making. */
  readonly cached?: 'hit' | 'joined';
  /** Refused before anything began. */
  readonly refused?: true;
  /** How often a lost worker was replaced unseen. */
  readonly retries: number;
}

/** USD of a turn as the CLI reports it, a moment after its last word; undefined when it cannot tell. */
export type ReportedUsd = Promise<number | undefined>;

/** Most characters of a model's name that are written down. */
const NAME_LENGTH = 100;

/** A client's word for a model, which can be of any length. */
export function shortName(asked: string): string {
  return asked.length > NAME_LENGTH ? `${asked.slice(0, NAME_LENGTH)}…` : asked;
}

/** Whether it counts as a request of its key: it was answered, or its client hung up once the model had begun. */
export function isCounted({ outcome, modelAnswered }: Pick<RequestRecord, 'outcome' | 'modelAnswered'>): boolean {
  return outcome === 'ok' || (outcome === 'client_closed' && modelAnswered !== undefined);
}

/** What a request without a turn of its own has to say of one. */
export const noTurn = { usage: undefined, listUsd: 0, origin: undefined, replayed: false, retries: 0 } as const;

/**
 * The tokens of an answer as far as it came. The API counts those of the answer at its end only; of one that was broken off
 * they are estimated, or else breaking off would cost nothing.
 */
export function usedTokens(message: AssembledMessage): Usage | undefined {
  if (message.model === '') return undefined;
  const { usage } = message;
  if (message.stopReason !== null) return usage;
  const seen = Math.ceil(contentCharacters(message.content) / CHARACTERS_PER_TOKEN);
  return { ...usage, output_tokens: Math.max(usage.output_tokens, seen) };
}
