import type { Bench } from './bench.ts';
import { backupChecks } from './checks/backups.ts';
import { claudeCliChecks } from './checks/claude-cli.ts';
import { configurationChecks } from './checks/configuration.ts';
import { databaseChecks } from './checks/database.ts';
import { fileChecks } from './checks/files.ts';
import { loginChecks } from './checks/logins.ts';
import { machineChecks } from './checks/machine.ts';
import { planChecks } from './checks/plan.ts';
import { storedLoginChecks } from './checks/stored-logins.ts';
import { surroundingsChecks } from './checks/surroundings.ts';
import { workerChecks } from './checks/workers.ts';
import type { Check } from './finding.ts';

/** What can be looked at from within the server and from outside of it alike. */
export const sharedChecks: readonly Check<Bench>[] = [
  ...configurationChecks,
  ...fileChecks,
  ...databaseChecks,
  ...backupChecks,
  ...claudeCliChecks,
  ...loginChecks,
  ...storedLoginChecks,
  ...planChecks,
  ...workerChecks,
  ...machineChecks,
  ...surroundingsChecks,
];
