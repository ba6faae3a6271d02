import type { Logins } from '../../claude/logins.ts';
import type { Plans } from '../../claude/plans.ts';
import type { FairQueue } from '../../gateway/admission.ts';
import type { ResponseCache } from '../../gateway/cache/response-cache.ts';
import type { ReportedUsd, RequestRecord } from '../../gateway/record.ts';
import type { Stats } from '../stats.ts';
import type { Metric, Sample } from './registry.ts';
import { Counter, Histogram, Reading } from './registry.ts';

/** Upper bounds of the time to the first token and of a request's whole time, s. */
const FIRST_TOKEN_BOUNDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const DURATION_BOUNDS = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];

/** What the metrics read when somebody asks. */
export interface MetricSources {
  readonly version: string;
  /** Unix time, ms. */
  readonly startedAt: number;
  readonly stats: Stats;
  readonly queue: FairQueue;
  readonly logins: Logins;
  readonly cache: ResponseCache;
  readonly plans: Plans;
}

/** What is counted of every request. */
export class RequestMetrics {
  readonly #requests = new Counter('ocp_requests_total', 'Requests by surface, model that answered and outcome.');
  readonly #answers = new Counter('ocp_answers_total', 'Requests by what answered them: a worker or the cache.');
  readonly #tokens = new Counter('ocp_tokens_total', 'Tokens by model and kind.');
  readonly #usd = new Counter('ocp_cost_usd_total', 'USD at list price by model.');
  readonly #firstToken = new Histogram(
    'ocp_time_to_first_token_seconds',
    'Time from a request to the first event of its answer.',
    FIRST_TOKEN_BOUNDS,
  );
  readonly #duration = new Histogram('ocp_request_duration_seconds', 'Whole time of a request.', DURATION_BOUNDS);

  add(record: RequestRecord, reported: ReportedUsd | undefined): void {
    const { surface, outcome, usage, listUsd, firstEventMs, durationMs } = record;
    // What a client asked for is its own choice of words; only what answered makes a label.
    const model = record.modelAnswered ?? 'none';
    const source = record.cached ?? record.origin;
    this.#requests.add({ surface, model, outcome });
    if (source !== undefined) this.#answers.add({ source });
    this.#duration.observe({ surface }, durationMs / 1000);
    if (firstEventMs !== undefined) this.#firstToken.observe({ surface }, firstEventMs / 1000);
    if (usage === undefined) return;
    this.#tokens.add({ model, kind: 'input' }, usage.input_tokens);
    this.#tokens.add({ model, kind: 'output' }, usage.output_tokens);
    this.#tokens.add({ model, kind: 'cache_read' }, usage.cache_read_input_tokens ?? 0);
    this.#tokens.add({ model, kind: 'cache_write' }, usage.cache_creation_input_tokens ?? 0);
    if (reported === undefined) this.#usd.add({ model }, listUsd);
    else void reported.then((usd) => this.#usd.add({ model }, usd ?? listUsd));
  }

  all(): readonly Metric[] {
    return [this.#requests, this.#answers, this.#tokens, this.#usd, this.#firstToken, this.#duration];
  }
}

/** What OCP is doing now. */
export function stateMetrics(sources: MetricSources): readonly Metric[] {
  const { version, startedAt, stats, queue, logins, cache, plans } = sources;
  const planSamples = (read: (plan: ReturnType<Plans['all']>[number][1]) => readonly Sample[]): readonly Sample[] =>
    plans
      .all()
      .flatMap(([profile, plan]) => read(plan).map(([labels, value]): Sample => [{ profile, ...labels }, value]));
  return [
    new Reading('ocp_build_info', 'Version of OCP.', () => [[{ version }, 1]]),
    new Reading('ocp_start_time_seconds', 'When OCP was started, Unix time.', () => [[{}, startedAt / 1000]]),
    new Reading('ocp_turns_running', 'Turns that run.', () => [[{}, queue.running]]),
    new Reading('ocp_queue_waiting', 'Requests that wait for a place.', () => [[{}, queue.queued]]),
    new Reading(
      'ocp_queue_rejections_total',
      'Requests that found the queue full.',
      () => [[{}, queue.rejections]],
      'counter',
    ),
    new Reading('ocp_workers', 'Worker processes by what they do.', () => [
      [{ state: 'busy' }, logins.busy],
      [{ state: 'spare' }, logins.spares],
      [{ state: 'conversation' }, logins.conversations],
    ]),
    new Reading(
      'ocp_worker_retries_total',
      'Lost workers that were replaced unseen.',
      () => [[{}, stats.workers.retries]],
      'counter',
    ),
    new Reading('ocp_cache_entries', 'Answers in the response cache.', () => [[{}, cache.stats().entries]]),
    new Reading('ocp_cache_bytes', 'Bytes of answers in the response cache.', () => [[{}, cache.stats().sizeBytes]]),
    new Reading('ocp_cache_in_flight', 'Answers in the making that others may join.', () => [
      [{}, cache.stats().inflight],
    ]),
    new Reading('ocp_plan_utilization_ratio', "Used share of a login's plan by window, 0 to 1.", () =>
      planSamples((plan) =>
        Object.entries(plan.windows).flatMap(([window, { utilization }]): readonly Sample[] =>
          utilization === null ? [] : [[{ window }, utilization]],
        ),
      ),
    ),
    new Reading('ocp_plan_reset_time_seconds', "When a window of a login's plan resets, Unix time.", () =>
      planSamples((plan) =>
        Object.entries(plan.windows).flatMap(([window, { resetsAt }]): readonly Sample[] =>
          resetsAt === null ? [] : [[{ window }, resetsAt]],
        ),
      ),
    ),
    new Reading('ocp_plan_heard_time_seconds', "When the CLI spoke last of a login's plan, Unix time.", () =>
      planSamples((plan) => [[{}, plan.heardAt / 1000]]),
    ),
  ];
}
