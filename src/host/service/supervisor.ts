import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { chmodSync, closeSync, existsSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import type { Definition, Status } from './background-files.ts';
import { claimStatus, markOf, readDefinition, statusPath, writeStatus } from './background-files.ts';

/**
 * A program of its own: runs the server where the machine has no service manager, and starts it again when it ends. Its one
 * argument is OCP's home. The server sees the end of its input when this program is gone, however it went, and stops too.
 */

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;
/** A server that ran for so long starts again without waiting longer than the first time, ms. */
const STEADY_MS = 60_000;
/** How long a server may take to end its answers, ms. */
const STOP_MS = 20_000;
/** Bytes of the log after which the next start puts it aside. */
const LOG_BYTES = 10_485_760;
/** A configuration that cannot be used: trying again does not help. */
const UNUSABLE = 2;

const [ocpHome = ''] = process.argv.slice(2);
const definition = readDefinition(ocpHome);
const self = await markOf(process.pid);
if (definition === undefined || self === undefined) {
  process.stderr.write('ocp: there is no background service to run; ocp start makes one\n');
  process.exit(1);
}
if (!(await claimStatus(ocpHome, { supervisor: self, restarts: 0 }))) process.exit(0);
await supervise(definition, { supervisor: self, restarts: 0 });
rmSync(statusPath(ocpHome), { force: true });

async function supervise(wanted: Definition, initial: Status): Promise<void> {
  let status = initial;
  let wait = FIRST_WAIT_MS;
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => stop.abort());
  process.on('SIGHUP', () => {});
  while (!stop.signal.aborted) {
    const startedAt = performance.now();
    const child = start(wanted);
    const ended = new Promise<number | null>((resolve) => {
      child.once('error', () => resolve(null));
      child.once('close', (code) => resolve(code));
    });
    const server = child.pid === undefined ? undefined : await markOf(child.pid);
    status = { supervisor: status.supervisor, restarts: status.restarts, ...(server === undefined ? {} : { server }) };
    writeStatus(ocpHome, status);
    const code = await endOf(child, ended, stop.signal);
    if (code === UNUSABLE) return;
    if (stop.signal.aborted) return;
    if (performance.now() - startedAt >= STEADY_MS) wait = FIRST_WAIT_MS;
    status = { supervisor: status.supervisor, restarts: status.restarts + 1 };
    writeStatus(ocpHome, status);
    await pause(wait, stop.signal);
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  }
}

function start({ command, environment, log }: Definition): ChildProcess {
  if (existsSync(log) && statSync(log).size > LOG_BYTES) renameSync(log, `${log}.1`);
  const output = openSync(log, 'a', 0o600);
  chmodSync(log, 0o600);
  const [program = '', ...args] = command;
  // In a group of its own, so that a Ctrl-C in the terminal that started all this does not reach it.
  const child = spawn(program, args, { env: environment, stdio: ['pipe', output, output], detached: true, cwd: '/' });
  child.stdin?.on('error', () => {});
  closeSync(output);
  return child;
}

/** Waits for the end of the server; told to stop, asks it to end, and kills it when it does not. */
async function endOf(child: ChildProcess, ended: Promise<number | null>, stop: AbortSignal): Promise<number | null> {
  const asked = new Promise<undefined>((resolve) => {
    if (stop.aborted) resolve(undefined);
    stop.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  const first = await Promise.race([ended, asked]);
  if (first !== undefined) return first;
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  const code = await ended;
  clearTimeout(timer);
  return code;
}

async function pause(ms: number, stop: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    stop.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
