import { spawn } from 'node:child_process';

/**
 * Reads `+ PID` and `- PID`; when OCP is gone, however it went, its end of the pipe closes and the groups that are still
 * on the list are killed. A worker in the middle of a turn does not end by itself then: it waits for the API.
 * `kill -s` is the form that every shell understands before `--`; dash takes no `--` after `-KILL`.
 */
const SCRIPT = `
trap '' HUP INT TERM
pids=
while read -r op pid; do
  case $op in
    +) pids="$pids $pid" ;;
    -) left=; for p in $pids; do [ "$p" = "$pid" ] || left="$left $p"; done; pids=$left ;;
  esac
done
for p in $pids; do kill -s KILL -- "-$p" 2>/dev/null; done
rm -rf -- "$1"
`;

/** A small shell that outlives OCP by a moment, to leave nothing behind when OCP itself could not. */
export interface Reaper {
  watch(pid: number): void;
  forget(pid: number): void;
  /** Resolves when the shell has ended; it kills what is still watched. */
  close(): Promise<void>;
}

/** Starts the shell; `folder` is removed at the end. */
export function startReaper(folder: string): Reaper {
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'ocp-reaper', folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { PATH: '/usr/bin:/bin' },
    cwd: '/',
  });
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', () => resolve());
  });
  child.stdin.on('error', () => {});
  child.unref();
  return {
    watch: (pid) => child.stdin.write(`+ ${pid}\n`),
    forget: (pid) => child.stdin.write(`- ${pid}\n`),
    async close() {
      child.ref();
      child.stdin.end();
      await ended;
    },
  };
}
