import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writePrivateFile } from './private-file.ts';

const outcome = z.object({ at: z.number(), problem: z.string().nullable() });
/** How the last scheduled backup went: when, Unix ms, and what went wrong. */
export type BackupOutcome = z.infer<typeof outcome>;

/** How the last scheduled backup of an OCP went; undefined before the first. */
export function lastBackup(ocpHome: string): BackupOutcome | undefined {
  try {
    return outcome.safeParse(JSON.parse(readFileSync(outcomePath(ocpHome), 'utf8'))).data;
  } catch {
    return undefined;
  }
}

/** Keeps it for `/health` and the doctor. Raises the system's errors. */
export function writeBackupOutcome(ocpHome: string, result: BackupOutcome): void {
  writePrivateFile(outcomePath(ocpHome), `${JSON.stringify(result)}\n`);
}

function outcomePath(ocpHome: string): string {
  return join(ocpHome, 'backup.json');
}
