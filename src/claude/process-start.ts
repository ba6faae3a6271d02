import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** The fields of /proc/PID/stat that hold the state and the start time, counted after the command's closing bracket. */
const STATE_FIELD = 0;
const START_TIME_FIELD = 19;
/** It has ended, and its parent has not asked how yet: below a lazy first process, as in a container, that can take for ever. */
const ZOMBIE = 'Z';

/**
 * When a process started, in a form that is only good for comparing: a number that was written down with its process id
 * tells whether that id still means the same process. Undefined when there is no such process, or it
 * has ended.
 */
export async function processStart(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[STATE_FIELD] === ZOMBIE ? undefined : fields[START_TIME_FIELD];
  } catch {
    return process.platform === 'linux' ? undefined : startFromPs(pid);
  }
}

async function startFromPs(pid: number): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'state=', '-o', 'lstart=', '-p', String(pid)]);
    const [state = '', ...start] = stdout.trim().split(/\s+/u);
    return state === '' || state.startsWith(ZOMBIE) ? undefined : start.join(' ');
  } catch {
    return undefined;
  }
}
