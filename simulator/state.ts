import type { NewId } from './ids.ts';
import type { RequestLog } from './log.ts';
import type { Plan } from './plan.ts';
import type { PromptCache } from './prompt/cache.ts';
import type { Rulebook } from './rules/rule.ts';
import type { ThinkingBinding } from './validation/bound-thinking.ts';

/** What one running simulator knows; the routes read it, the caller of `startSimulator` changes it. */
export interface SimulatorState {
  readonly rules: Rulebook;
  readonly cache: PromptCache;
  readonly log: RequestLog;
  readonly models: readonly string[];
  /** Tokens that a prompt may have. */
  readonly contextWindow: number;
  /** Milliseconds, for answers that set no pace of their own. */
  readonly firstTokenDelayMs: number;
  readonly tokenDelayMs: number;
  readonly now: () => number;
  readonly newId: NewId;
  plan: Plan;
  thinkingBinding: ThinkingBinding;
  /** Messages calls so far. */
  calls: number;
}
