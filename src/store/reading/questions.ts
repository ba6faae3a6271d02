import type { DatabaseSync } from 'node:sqlite';
import { verifyAudit } from '../audit.ts';
import { UsageQuery } from '../usage-query.ts';
import { UsageStatistics } from '../usage-statistics.ts';

/** What is asked of the database about many rows, by name. Arguments and answers can be cloned. */
export type Questions = ReturnType<typeof questionsOn>;

/** The answers of one connection. */
export function questionsOn(database: DatabaseSync) {
  const usage = new UsageQuery(database);
  const statistics = new UsageStatistics(database);
  return {
    byAccount: usage.byAccount.bind(usage),
    byHour: usage.byHour.bind(usage),
    byModel: usage.byModel.bind(usage),
    page: usage.page.bind(usage),
    newest: usage.newest.bind(usage),
    errors: statistics.errors.bind(statistics),
    firstEvents: statistics.firstEvents.bind(statistics),
    activity: statistics.activity.bind(statistics),
    verifyAudit: () => verifyAudit(database),
  };
}
