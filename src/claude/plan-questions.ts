import type { Logins } from './logins.ts';
import type { Plans } from './plans.ts';

/** How long an answer is good enough, ms. */
const FRESH_MS = 300_000;
/** How long the CLI may take to answer, ms. */
const ANSWER_MS = 10_000;

export interface PlanQuestionsOptions {
  readonly logins: Pick<Logins, 'of' | 'factory'>;
  readonly plans: Plans;
  /** The model whose spares are asked. */
  readonly model: () => string;
  /** Unix time, ms. */
  readonly now: () => number;
}

/** Asks the CLI about the plan of a login, by a worker that has nothing else to do: that is no turn and costs nothing. */
export class PlanQuestions {
  readonly #options: PlanQuestionsOptions;
  readonly #askedAt = new Map<string, number>();
  readonly #asking = new Map<string, Promise<void>>();

  constructor(options: PlanQuestionsOptions) {
    this.#options = options;
  }

  /**
   * Resolves when what is known of the plan is fresh, or when the login turns out to have none. Rejects when the CLI could
   * not be asked; that is tried again the next time.
   */
  async refresh(profile: string): Promise<void> {
    const { plans, now } = this.#options;
    const lastWord = Math.max(plans.of(profile)?.heardAt ?? 0, this.#askedAt.get(profile) ?? 0);
    // A word from the future came by a clock that was wrong.
    if (Math.abs(now() - lastWord) < FRESH_MS) return;
    const running = this.#asking.get(profile);
    if (running !== undefined) return running;
    const asking = this.#ask(profile).finally(() => this.#asking.delete(profile));
    this.#asking.set(profile, asking);
    return asking;
  }

  async #ask(profile: string): Promise<void> {
    const { logins, plans, now } = this.#options;
    const model = this.#options.model();
    const { spares } = logins.of(profile);
    const worker = spares.take(model) ?? (await logins.factory(profile).start(model));
    const timer = setTimeout(() => worker.kill(), ANSWER_MS);
    try {
      // Without the scan of local transcripts.
      plans.onUsage(profile, await worker.ask('get_usage', { skip_behaviors: true }));
      this.#askedAt.set(profile, now());
      spares.adopt(model, worker);
    } catch (error) {
      worker.kill();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}
