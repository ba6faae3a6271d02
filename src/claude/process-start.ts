import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** The field of /proc/PID/stat that holds the start time, counted after the command's closing bracket. */
const START_TIME_FIELD = 19;

/**
 * When a process started, in a form that is only good for comparing: a number that was written down with its process id
 * tells whether that id still means the same process. Undefined when there is no such process.
 */
export async function processStart(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[START_TIME_FIELD];
  } catch {
    return process.platform === 'linux' ? undefined : startFromPs(pid);
  }
}

async function startFromPs(pid: number): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)]);
    return stdout.trim() === '' ? undefined : stdout.trim();
  } catch {
    return undefined;
  }
}
