import type { Bench } from '../bench.ts';
import type { Check } from '../finding.ts';
import { shellWord } from '../shell-word.ts';

/** A year in which no OCP existed yet. */
const TOO_EARLY = Date.UTC(2026, 0, 1);
const TOO_LATE = Date.UTC(2100, 0, 1);
/** What clocks may differ by without anybody noticing, ms. */
const SLACK_MS = 300_000;

/** OCP's database, and the clock that its times come from. */
export const databaseChecks: readonly Check<Bench>[] = [
  {
    id: 'database_ok',
    means: "The database is whole, is OCP's own, and this OCP knows its schema. A server does not start with another.",
    remedy:
      'Put a backup in its place (`ocp update --rollback --list`, or `ocp.db.v*.bak` beside it), or move it away.',
    kind: 'fix_database',
    async run({ database, ocp }) {
      const found = await database();
      switch (found.kind) {
        case 'missing':
          return { level: 'INFO', message: 'there is no database yet; the first start makes it' };
        case 'sound':
          return { level: 'PASS', message: `the database is whole (schema ${found.schema})` };
        case 'newer':
          return {
            level: 'FAIL',
            message: `the database was written by a newer OCP: its schema is ${found.schema}, this OCP knows ${found.known}`,
            cause: 'an older OCP was installed over a newer one without going back to its snapshot',
            fix: `install the newer OCP again: ${ocp} update`,
            commands: [`${ocp} update --yes`],
          };
        case 'damaged': {
          const [backup] = found.backups;
          return {
            level: 'FAIL',
            message: `${found.path} is damaged`,
            cause: `SQLite says: ${found.reason}; a failing disk, a full one, or a copy made while OCP ran`,
            fix:
              backup === undefined
                ? `put a backup in its place (${ocp} update --rollback --list shows snapshots), or move it away to begin with an empty one`
                : `put the backup ${backup} in its place, or move the database away to begin with an empty one`,
            human: [
              'Choose: a backup, which loses what was written since, or an empty database, which loses keys, usage and settings.',
              ...(backup === undefined ? [] : [`With the backup: cp ${shellWord(backup)} ${shellWord(found.path)}`]),
              `With an empty one: mv ${shellWord(found.path)} ${shellWord(`${found.path}.damaged`)}`,
            ],
          };
        }
        case 'unusable':
          return {
            level: 'FAIL',
            message: found.reason,
            fix: 'move the file away, or set OCP_HOME to another folder',
            human: [`Move ${found.path} away, or set OCP_HOME to another folder.`],
          };
      }
    },
  },
  {
    id: 'database_usable',
    means: 'The running server can read and write its database.',
    remedy:
      'End the program that has locked it, make room on the disk, or let OCP write there, as the message says; OCP goes on by ' +
      'itself. A damaged file needs a backup in its place while OCP is stopped.',
    kind: 'fix_database',
    async run({ server, ocp, config }) {
      const storage = (await server())?.storage;
      if (storage === undefined) return undefined;
      const { state, problem, usageWaiting, usageDropped } = storage;
      if (state !== 'ok') {
        const fix = fixes[state] ?? `look at ${ocp} logs 50 error`;
        return {
          level: 'FAIL',
          message: `the server cannot use its database: ${problem ?? state}; ${usageWaiting} rows of usage wait in memory`,
          cause: `keys and settings cannot be changed meanwhile; requests are answered. The database is in ${config.home}`,
          fix,
          human: [`Do this: ${fix}. OCP tries again every second.`],
        };
      }
      if (usageDropped > 0) {
        return {
          level: 'WARN',
          message: `${usageDropped} rows of usage were lost while the database could not be written`,
          cause: 'so many rows waited in memory that the oldest had to go',
        };
      }
      return { level: 'PASS', message: 'the server can read and write its database' };
    },
  },
  {
    id: 'clock',
    means:
      'The clock of this machine is right as far as can be told without asking others: quotas, expiries and TLS go by it.',
    remedy:
      'Set the clock, and let the system keep it (`timedatectl set-ntp true`; macOS: System Settings, Date & Time).',
    kind: 'fix_network',
    async run({ now, database }) {
      const time = now();
      const found = await database();
      const newest = found.kind === 'sound' ? found.newest : undefined;
      const human = ['Set the clock of this machine, and let the system keep it.'];
      if (time < TOO_EARLY || time > TOO_LATE) {
        return {
          level: 'FAIL',
          message: `the clock says ${new Date(time).toISOString()}`,
          cause: 'it was never set, or its battery is empty; connections to Anthropic fail when it is far off',
          fix: 'set the clock',
          human,
        };
      }
      if (newest !== undefined && newest > time + SLACK_MS) {
        return {
          level: 'WARN',
          message: `the clock is ${spanText(newest - time)} behind what OCP wrote down last`,
          cause: 'the clock was set back, or was ahead for a while; quotas count by it',
          fix: 'set the clock; when it is right, this ends by itself',
          human,
        };
      }
      return { level: 'PASS', message: 'the clock fits what OCP has written down' };
    },
  },
];

const fixes: Readonly<Record<string, string>> = {
  locked: 'end the program that has opened ocp.db: a database browser, a backup, a second OCP with the same OCP_HOME',
  full: 'make room on the disk of OCP_HOME',
  read_only: 'let the user who runs OCP write to OCP_HOME, and mount its disk for writing',
  unreachable: 'bring the disk of OCP_HOME back',
  replaced:
    'put the same file back, or restart OCP, which opens the file that is there now or makes an empty one; see that no clean-up or sync program touches OCP_HOME',
  damaged: 'stop OCP, and run the doctor again: it names the backups that can be put in its place',
};

function spanText(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 120) return `${minutes} minutes`;
  return minutes < 2880 ? `${Math.round(minutes / 60)} hours` : `${Math.round(minutes / 1440)} days`;
}
