import { readFile, writeFile } from 'node:fs/promises';
import { processStart } from './process-start.ts';

/** Which process a file speaks of: ids are used again, so its start belongs to it. */
export interface ProcessMark {
  readonly pid: number;
  readonly start: string;
}

/** Writes down which process this is; nothing where it has ended already. Raises the system's errors. */
export async function markProcess(pid: number, file: string): Promise<void> {
  const start = await processStart(pid);
  if (start !== undefined) await writeFile(file, JSON.stringify({ pid, start }), { mode: 0o600 });
}

/** What a file says; undefined where it says nothing of use. */
export async function readMark(file: string): Promise<ProcessMark | undefined> {
  try {
    const mark = JSON.parse(await readFile(file, 'utf8')) as Partial<ProcessMark>;
    return typeof mark.pid === 'number' && typeof mark.start === 'string'
      ? { pid: mark.pid, start: mark.start }
      : undefined;
  } catch {
    return undefined;
  }
}

/** Kills the process group that a file names, if it is still the same one. */
export async function killMarked(file: string): Promise<void> {
  const mark = await readMark(file);
  if (mark === undefined || (await processStart(mark.pid)) !== mark.start) return;
  try {
    process.kill(-mark.pid, 'SIGKILL');
  } catch {
    // It ended in the meantime.
  }
}
