import type { DatabaseSync } from 'node:sqlite';
import { HOUR_MS, sumNames, sums } from './usage-row.ts';

/** Steps of the times to the first event in each doubling: a percentile is right to about a tenth. */
const STEPS_PER_DOUBLING = 4;

/** What is summed up of single requests, so that asking about many stays quick. Each adds rows of `usage_requests`. */
type RollUp = 'hours' | 'errors' | 'firstEventsByHour' | 'firstEventsByDay';

/** Which roll-ups a request belongs to. */
export interface RolledUp {
  readonly isError: boolean;
  readonly hasFirstEvent: boolean;
}

/** Adds single requests to what is summed up of them; for use within the transaction that puts them in. */
export function rollUps(database: DatabaseSync): (id: number, row: RolledUp) => void {
  const prepared = Object.entries(statements('id = ?')).map(([name, sql]) => [name, database.prepare(sql)]);
  const { hours, errors, firstEventsByHour, firstEventsByDay } = Object.fromEntries(prepared) as Record<
    RollUp,
    ReturnType<DatabaseSync['prepare']>
  >;
  return (id, { isError, hasFirstEvent }) => {
    hours.run(id);
    if (isError) errors.run(id);
    if (!hasFirstEvent) return;
    firstEventsByHour.run(id);
    firstEventsByDay.run(id);
  };
}

/** Adds every request from an id on: for those that were put in by themselves. */
export function rollUpFrom(database: DatabaseSync, id: number | bigint): void {
  for (const sql of Object.values(statements('id >= ?'))) database.prepare(sql).run(id);
}

/** The time in ms below which a share of the first events came; null when there were none. `counts` is by step. */
export function percentile(counts: ReadonlyMap<number, number>, share: number): number | null {
  const steps = [...counts].toSorted(([a], [b]) => a - b);
  const total = steps.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return null;
  let before = 0;
  for (const [step, count] of steps) {
    if (before + count >= share * total) {
      const within = (share * total - before) / count;
      return Math.round(2 ** ((step + within) / STEPS_PER_DOUBLING));
    }
    before += count;
  }
  return null;
}

function statements(where: string): Record<RollUp, string> {
  const model = "ifnull(model_answered, '')";
  const firstEvents = (period: 'hour' | 'day', length: number): string => `
    INSERT INTO usage_first_events (period, start, account, model, step, requests)
    SELECT '${period}', at / ${length}, account, ${model},
      CAST(${STEPS_PER_DOUBLING} * log2(max(first_event_ms, 1)) AS INTEGER), count(*)
    FROM usage_requests WHERE ${where} AND first_event_ms IS NOT NULL GROUP BY 2, 3, 4, 5
    ON CONFLICT DO UPDATE SET requests = requests + excluded.requests`;
  return {
    hours: `
      INSERT INTO usage_hours (hour, account, model, caller, first_at, last_at, ${sumNames.join(', ')})
      SELECT at / ${HOUR_MS}, account, ${model}, caller, min(at), max(at),
        ${sumNames.map((name) => `sum(${sums[name]})`).join(', ')}
      FROM usage_requests WHERE ${where} GROUP BY 1, 2, 3
      ON CONFLICT DO UPDATE SET caller = excluded.caller, first_at = min(first_at, excluded.first_at),
        last_at = max(last_at, excluded.last_at),
        ${sumNames.map((name) => `${name} = ${name} + excluded.${name}`).join(', ')}`,
    errors: `
      INSERT INTO usage_errors (hour, account, model, outcome, requests)
      SELECT at / ${HOUR_MS}, account, ${model}, outcome, count(*)
      FROM usage_requests WHERE ${where} AND outcome <> 'ok' GROUP BY 1, 2, 3, 4
      ON CONFLICT DO UPDATE SET requests = requests + excluded.requests`,
    firstEventsByHour: firstEvents('hour', HOUR_MS),
    firstEventsByDay: firstEvents('day', 24 * HOUR_MS),
  };
}
