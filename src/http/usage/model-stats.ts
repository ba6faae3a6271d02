import type { RequestRecord } from '../../gateway/record.ts';

/** Names beyond so many are counted together. */
const MOST_MODELS = 100;

/** What was asked of one model since the start. Times in ms. */
export interface ModelStats {
  readonly requests: number;
  readonly successes: number;
  readonly errors: number;
  readonly timeouts: number;
  readonly avgElapsed: number;
  readonly maxElapsed: number;
  readonly avgPromptChars: number;
  readonly maxPromptChars: number;
}

interface Counts {
  requests: number;
  successes: number;
  timeouts: number;
  elapsed: number;
  maxElapsed: number;
  promptChars: number;
  maxPromptChars: number;
}

/** Requests by the model that answered, since the start; those that none answered are left out. */
export class ModelCounts {
  readonly #byModel = new Map<string, Counts>();

  add({ modelAnswered, outcome, durationMs, promptChars }: RequestRecord): void {
    if (modelAnswered === undefined) return;
    const name = this.#byModel.has(modelAnswered) || this.#byModel.size < MOST_MODELS ? modelAnswered : 'other';
    const counts = this.#byModel.get(name) ?? {
      requests: 0,
      successes: 0,
      timeouts: 0,
      elapsed: 0,
      maxElapsed: 0,
      promptChars: 0,
      maxPromptChars: 0,
    };
    this.#byModel.set(name, counts);
    counts.requests += 1;
    if (outcome === 'ok') counts.successes += 1;
    if (outcome === 'timeout') counts.timeouts += 1;
    counts.elapsed += durationMs;
    counts.maxElapsed = Math.max(counts.maxElapsed, durationMs);
    counts.promptChars += promptChars;
    counts.maxPromptChars = Math.max(counts.maxPromptChars, promptChars);
  }

  byModel(): Record<string, ModelStats> {
    const entries = [...this.#byModel].map(([model, counts]): [string, ModelStats] => [
      model,
      {
        requests: counts.requests,
        successes: counts.successes,
        errors: counts.requests - counts.successes,
        timeouts: counts.timeouts,
        avgElapsed: Math.round(counts.elapsed / counts.requests),
        maxElapsed: Math.round(counts.maxElapsed),
        avgPromptChars: Math.round(counts.promptChars / counts.requests),
        maxPromptChars: counts.maxPromptChars,
      },
    ]);
    return Object.fromEntries(entries);
  }
}
