import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** How much of something is taken; undefined where the system does not tell. */
export interface Share {
  readonly used: number | undefined;
  readonly limit: number;
}

/** What the system gives this process, and the control group that it is in. */
export interface MachineState {
  readonly openFiles: Share | undefined;
  /** Of the control group, where it has a limit; else the limit of the user. */
  readonly processes: Share | undefined;
  /** How many processes of the control group were ended for want of memory. */
  readonly outOfMemoryKills: number | undefined;
}

export const unknownMachine: MachineState = {
  openFiles: undefined,
  processes: undefined,
  outOfMemoryKills: undefined,
};

const GROUPS = '/sys/fs/cgroup';

/** Looks at the limits. Never rejects: where there is no `/proc`, or no file can be opened, it knows less. */
export async function machineState(before: MachineState): Promise<MachineState> {
  const limits = await text('/proc/self/limits');
  const group = await controlGroup();
  return {
    openFiles: await openFiles(limits, before),
    processes: await processes(limits, group),
    outOfMemoryKills: numberAfter(/^oom_kill (\d+)/mu, await text(join(group, 'memory.events'))),
  };
}

async function openFiles(limits: string | undefined, before: MachineState): Promise<Share | undefined> {
  const limit = numberAfter(/^Max open files\s+(\d+)/mu, limits) ?? before.openFiles?.limit;
  if (limit === undefined) return undefined;
  try {
    // The folder itself is open while it is read.
    return { used: (await readdir('/proc/self/fd')).length - 1, limit };
  } catch {
    // None was left to look with.
    return { used: limit, limit };
  }
}

async function processes(limits: string | undefined, group: string): Promise<Share | undefined> {
  const ofGroup = numberAfter(/^(\d+)/u, await text(join(group, 'pids.max')));
  if (ofGroup !== undefined) {
    return { used: numberAfter(/^(\d+)/u, await text(join(group, 'pids.current'))), limit: ofGroup };
  }
  const ofUser = numberAfter(/^Max processes\s+(\d+)/mu, limits);
  return ofUser === undefined ? undefined : { used: undefined, limit: ofUser };
}

/** The folder of this process's control group, version 2. */
async function controlGroup(): Promise<string> {
  const [, path = '/'] = /^0::(\/\S*)/mu.exec((await text('/proc/self/cgroup')) ?? '') ?? [];
  return join(GROUPS, path);
}

async function text(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}

function numberAfter(pattern: RegExp, found: string | undefined): number | undefined {
  const digits = found === undefined ? undefined : pattern.exec(found)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
