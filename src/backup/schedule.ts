import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { lastBackup, writeBackupOutcome } from '../config/backup-outcome.ts';
import { makeFolders } from '../config/folder.ts';
import { makeBackup } from './make.ts';

/** No timer waits longer, ms. */
const LOOK_MS = 60_000;
const name = /^ocp-backup-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.ocp$/u;

export interface BackupSchedule {
  readonly ocpHome: string;
  readonly folder: string;
  readonly version: string;
  /** ms from one to the next. */
  readonly everyMs: number;
  /** How many are kept. */
  readonly keep: number;
  /** Unix ms. */
  readonly now: () => number;
  readonly onFailure: (problem: string) => void;
}

/** The file name of a backup made at this time, Unix ms. */
export function backupName(now: number): string {
  return `ocp-backup-${new Date(now).toISOString().slice(0, 19).replaceAll(':', '-')}.ocp`;
}

/** Makes backups as they fall due, without secrets; a failure is told and tried again, and never stops the server. */
export function startBackups(schedule: BackupSchedule): { readonly stop: () => void } {
  let isBusy = false;
  const look = async (): Promise<void> => {
    const last = lastBackup(schedule.ocpHome);
    const since = schedule.now() - (last?.at ?? Number.NEGATIVE_INFINITY);
    // A clock that was set back makes no gap.
    if (isBusy || (since >= 0 && since < schedule.everyMs)) return;
    isBusy = true;
    await makeDue(schedule);
    isBusy = false;
  };
  const timer = setInterval(() => void look(), Math.min(LOOK_MS, schedule.everyMs));
  timer.unref();
  void look();
  return { stop: () => clearInterval(timer) };
}

async function makeDue({ ocpHome, folder, version, keep, now, onFailure }: BackupSchedule): Promise<void> {
  const at = now();
  let problem: string | null = null;
  try {
    makeFolders(folder, 0o700);
    await makeBackup({ ocpHome, path: join(folder, backupName(at)), version, withSecrets: false, now: at });
    const old = readdirSync(folder)
      .filter((file) => name.test(file))
      .toSorted()
      .slice(0, -keep);
    for (const file of old) rmSync(join(folder, file), { force: true });
  } catch (error) {
    problem = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error);
    onFailure(problem);
  }
  try {
    writeBackupOutcome(ocpHome, { at, problem });
  } catch {
    // The disk is full, as the failure before has said.
  }
}
