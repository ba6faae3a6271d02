import { readFileSync, readdirSync } from 'node:fs';

/** The kernel counts CPU time in hundredths of a second on every platform that Node runs on. */
const TICKS_PER_SECOND = 100;
/** Fields of /proc/PID/stat, counted after the command's closing bracket. */
const PARENT = 1;
const OWN = [11, 12] as const;
const ENDED_CHILDREN = [13, 14] as const;

/** CPU seconds of this process alone. */
export function processCpu(pid: number): number {
  return seconds(statFields(pid), OWN);
}

/** For how long the first thread of a process, which runs its JavaScript, has had a core so far, ns; exact while it rests. */
export function mainThreadTime(pid: number): bigint {
  const [running = '0'] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ');
  return BigInt(running);
}

/** CPU seconds of a process and all below it, those included that have ended. */
export function treeCpu(pid: number): number {
  return descendants(pid).reduce((sum, member) => {
    const fields = statFields(member);
    return sum + seconds(fields, OWN) + seconds(fields, ENDED_CHILDREN);
  }, 0);
}

/** CPU seconds of the children of this process that have ended, and of what they started and waited for. */
export function endedChildrenCpu(): number {
  return seconds(statFields(process.pid), ENDED_CHILDREN);
}

/** Resident memory of a process, MB. */
export function residentMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/mu.exec(status)?.[1] ?? 0) / 1024;
}

/** The direct children of a process. */
export function children(pid: number): readonly number[] {
  return processIds().filter((candidate) => Number(statFields(candidate)[PARENT]) === pid);
}

function descendants(root: number): readonly number[] {
  const parents = new Map(processIds().map((pid) => [pid, Number(statFields(pid)[PARENT])]));
  const members = [root];
  for (const member of members) {
    for (const [pid, parent] of parents) if (parent === member) members.push(pid);
  }
  return members;
}

function processIds(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .map(Number);
}

/** Empty for a process that has ended. */
function statFields(pid: number): readonly string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

function seconds(fields: readonly string[], places: readonly number[]): number {
  return places.reduce((sum, place) => sum + Number(fields[place] ?? 0), 0) / TICKS_PER_SECOND;
}
