import { lastBackup } from '../../config/backup-outcome.ts';
import type { Bench } from '../bench.ts';
import type { Check } from '../finding.ts';

const HOUR_MS = 3_600_000;

/** The backups that the server makes by itself. */
export const backupChecks: readonly Check<Bench>[] = [
  {
    id: 'backups',
    means: 'Where `OCP_BACKUP_EVERY` is set, the last backup succeeded, and none is overdue.',
    remedy:
      'Make room in the folder of backups, or name another one (`OCP_BACKUP_DIR`); `ocp backup` shows whether it works.',
    kind: 'fix_disk',
    run({ config, now, ocp }) {
      if (config.backupEvery === undefined) return undefined;
      const last = lastBackup(config.home);
      if (last === undefined) {
        return { level: 'INFO', message: 'the server has made no backup yet; the first is made while it runs' };
      }
      const when = new Date(last.at).toISOString();
      if (last.problem !== null) {
        return {
          level: 'WARN',
          message: `the last backup failed (${when})`,
          cause: last.problem,
          fix: `${ocp} backup shows whether it works now; OCP_BACKUP_DIR names another folder`,
          human: ['Make room in the folder of backups, or name another one in OCP_BACKUP_DIR.'],
        };
      }
      if (now() - last.at > config.backupEvery + HOUR_MS) {
        return {
          level: 'WARN',
          message: `the last backup is of ${when}`,
          cause: 'the server makes backups while it runs',
          fix: `start the server, or make one now: ${ocp} backup`,
          human: [`Start the server, or make a backup now: ${ocp} backup`],
        };
      }
      return { level: 'PASS', message: `the last backup was made at ${when}` };
    },
  },
];
