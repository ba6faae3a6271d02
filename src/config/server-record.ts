import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writePrivateFile } from './private-file.ts';

const record = z.object({ address: z.string(), port: z.int(), pid: z.int() });

/** Where the server of an OCP listens, as it wrote down at its start: config.json may say something else by now. */
export type ServerRecord = z.infer<typeof record>;

function recordPath(ocpHome: string): string {
  return join(ocpHome, 'server.json');
}

/** Undefined where no server has written one that is still there. */
export function readServerRecord(ocpHome: string): ServerRecord | undefined {
  try {
    return record.safeParse(JSON.parse(readFileSync(recordPath(ocpHome), 'utf8'))).data;
  } catch {
    return undefined;
  }
}

/** The record of a server that still runs: a process of another program may have its id by now. */
export function runningServerRecord(ocpHome: string): ServerRecord | undefined {
  const found = readServerRecord(ocpHome);
  return found !== undefined && isServer(found.pid) ? found : undefined;
}

function isServer(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('serve');
  } catch {
    if (existsSync('/proc/self')) return false;
  }
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Raises the system's errors. */
export function writeServerRecord(ocpHome: string, value: ServerRecord): void {
  writePrivateFile(recordPath(ocpHome), `${JSON.stringify(value)}\n`);
}

/** Removes it, unless another server has written its own since. */
export function removeServerRecord(ocpHome: string, pid: number): void {
  if (readServerRecord(ocpHome)?.pid === pid) rmSync(recordPath(ocpHome), { force: true });
}
