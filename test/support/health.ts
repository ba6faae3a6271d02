import type { Ocp } from './ocp.ts';
import { until } from './processes.ts';

/** The part of `/health` that tells of workers and places. */
export interface WorkerHealth {
  readonly workers: {
    readonly busy: number;
    readonly spares: number;
    readonly ready: number;
    readonly conversations: number;
    readonly origins: Readonly<Record<'live' | 'spare' | 'recycled' | 'started' | 'retries', number>>;
  };
  readonly concurrency: { readonly inflight: number; readonly queued: number; readonly queueRejections: number };
}

export async function workerHealth(ocp: Pick<Ocp, 'url'>): Promise<WorkerHealth> {
  return (await (await fetch(`${ocp.url}/health`)).json()) as WorkerHealth;
}

/** Resolves once `/health` says so. */
export async function untilHealth(
  ocp: Pick<Ocp, 'url'>,
  holds: (health: WorkerHealth) => boolean,
  timeoutMs = 20_000,
): Promise<void> {
  await until(async () => holds(await workerHealth(ocp)), timeoutMs);
}
