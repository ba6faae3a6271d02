import { linkSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { processStart } from '../../claude/process-start.ts';
import { writePrivateFile } from '../../config/private-file.ts';

/** A process; a process id that was used again is told from it by its start. */
const mark = z.object({ pid: z.int().positive(), start: z.string() });
export type Mark = z.infer<typeof mark>;

const definition = z.object({
  command: z.array(z.string()).min(1),
  environment: z.record(z.string(), z.string()),
  log: z.string(),
});
/** What the supervisor runs. */
export type Definition = z.infer<typeof definition>;

const status = z.object({
  supervisor: mark,
  server: mark.optional(),
  restarts: z.int(),
});
/** The PID file: the supervisor that holds it, the server that it has started, how often again. */
export type Status = z.infer<typeof status>;

export function definitionPath(ocpHome: string): string {
  return join(ocpHome, 'background.json');
}

export function statusPath(ocpHome: string): string {
  return join(ocpHome, 'background.pid');
}

/** Undefined where there is none, or none that can be read. */
export function readDefinition(ocpHome: string): Definition | undefined {
  return definition.safeParse(readJson(definitionPath(ocpHome))).data;
}

export function definitionText(value: Definition): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** What the PID file says, of processes that may have ended since. */
export function readStatus(ocpHome: string): Status | undefined {
  return status.safeParse(readJson(statusPath(ocpHome))).data;
}

export function writeStatus(ocpHome: string, value: Status): void {
  writePrivateFile(statusPath(ocpHome), `${JSON.stringify(value)}\n`);
}

/** Takes the PID file for this supervisor; false when another one that runs holds it. */
export async function claimStatus(ocpHome: string, value: Status): Promise<boolean> {
  const path = statusPath(ocpHome);
  const own = `${path}.${value.supervisor.pid}`;
  writePrivateFile(own, `${JSON.stringify(value)}\n`);
  try {
    for (;;) {
      if (linked(own, path)) return true;
      const holder = readStatus(ocpHome);
      if (holder !== undefined && (await isAlive(holder.supervisor))) return false;
      rmSync(path, { force: true });
    }
  } finally {
    rmSync(own, { force: true });
  }
}

/** Whether the process still is the one that was written down. */
export async function isAlive({ pid, start }: Mark): Promise<boolean> {
  return (await processStart(pid)) === start;
}

/** The mark of a process that runs; undefined when it has ended. */
export async function markOf(pid: number): Promise<Mark | undefined> {
  const start = await processStart(pid);
  return start === undefined ? undefined : { pid, start };
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
