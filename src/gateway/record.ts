import type { Usage } from '../wire/anthropic/events.ts';
import type { ErrorCode } from '../wire/errors.ts';
import type { WorkerOrigin } from '../claude/workforce.ts';

/** What is written down of a request, however it ends. Times in ms. */
export interface RequestRecord {
  readonly surface: string;
  readonly owner: string;
  readonly modelAsked: string;
  /** The model that really answered; undefined when none did. */
  readonly modelAnswered: string | undefined;
  readonly outcome: 'ok' | ErrorCode;
  readonly usage: Usage | undefined;
  /** Characters of the messages. */
  readonly durationMs: number;
  /** From the request to the first event; undefined when there was none. */
  readonly firstEventMs: number | undefined;
  readonly origin: WorkerOrigin | undefined;
  readonly replayed: boolean;
  /** Answered without a turn of its own: from the cache, or from the same answer in the making. */
  readonly cached?: 'hit' | 'joined';
  /** How often a lost worker was replaced unseen. */
  readonly retries: number;
}
