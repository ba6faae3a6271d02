import type { OcpError } from '../wire/errors.ts';
import { planLimitError } from './failure.ts';
import type { Plan } from './plan.ts';
import { afterEvent, afterUsage, exhaustedFor, unknownPlan } from './plan.ts';
import type { RateLimitInfo } from './protocol.ts';

/** How long an exhausted window is believed without another word, ms: plans are raised and limits lifted before their time. */
const BELIEVED_MS = 600_000;

/** Where plans are kept over a restart. */
export interface PlanKeeper {
  read(): ReadonlyMap<string, Plan>;
  write(profile: string, plan: Plan): void;
}

export interface PlansOptions {
  readonly keeper: PlanKeeper;
  /** Wall clock, Unix ms. */
  readonly now: () => number;
}

/** What the CLI has said about the plan of each login. */
export class Plans {
  readonly #options: PlansOptions;
  readonly #plans: Map<string, Plan>;
  /** When a request was last let through although its window was exhausted, by profile. */
  readonly #triedAt = new Map<string, number>();

  constructor(options: PlansOptions) {
    this.#options = options;
    // An earlier OCP may have kept less.
    this.#plans = new Map([...options.keeper.read()].map(([profile, plan]) => [profile, { ...unknownPlan, ...plan }]));
  }

  of(profile: string): Plan | undefined {
    return this.#plans.get(profile);
  }

  /** Every known plan with the profile it belongs to. */
  all(): readonly (readonly [string, Plan])[] {
    return [...this.#plans];
  }

  onEvent(profile: string, info: RateLimitInfo): void {
    const before = this.#plans.get(profile) ?? unknownPlan;
    const after = afterEvent(before, info, this.#options.now());
    if (after !== before) this.#set(profile, after);
  }

  /** Takes in an answer to `get_usage`; false when it says nothing about a plan. */
  onUsage(profile: string, answer: unknown): boolean {
    const plan = afterUsage(this.#plans.get(profile) ?? unknownPlan, answer, this.#options.now());
    if (plan === undefined) return false;
    this.#set(profile, plan);
    return true;
  }

  /**
   * Raises OcpError `plan_limit_reached` when the plan has nothing left for this model until a known time. Now and then one
   * request is let through all the same, to hear whether that still holds.
   */
  require(profile: string, model: string): void {
    const error = this.#refusal(profile, model);
    if (error !== undefined) throw error;
  }

  #refusal(profile: string, model: string): OcpError | undefined {
    const plan = this.#plans.get(profile);
    const now = this.#options.now();
    const exhausted = plan === undefined ? undefined : exhaustedFor(plan, model, now);
    if (exhausted === undefined) return undefined;
    const lastWord = Math.max(exhausted.saidAt, this.#triedAt.get(profile) ?? 0);
    // A word from the future came by a clock that was wrong: it is tried whether it still holds.
    if (Math.abs(now - lastWord) < BELIEVED_MS) return planLimitError(exhausted.resetsAt, now);
    this.#triedAt.set(profile, now);
    return undefined;
  }

  #set(profile: string, plan: Plan): void {
    this.#plans.set(profile, plan);
    this.#options.keeper.write(profile, plan);
  }
}
