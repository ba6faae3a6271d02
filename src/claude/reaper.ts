import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';

/**
 * Reads `+ PID` and `- PID`; when OCP is gone, however it went, its end of the pipe closes and the groups that are still
 * on the list are killed. A worker in the middle of a turn does not end by itself then: it waits for the API. Each id is
 * listed with the start of its process, where the system tells it: another process that has the id by then is left alone.
 * `kill -s` is the form that every shell understands before `--`; dash takes no `--` after `-KILL`.
 */
const SCRIPT = `
trap '' HUP INT TERM
start() {
  stat=; since=
  { read -r stat < "/proc/$1/stat"; } 2>/dev/null || return 0
  set -- \${stat##*) }
  [ $# -ge 20 ] || return 0
  shift 19; since=$1
}
listed=
while read -r op pid; do
  case $op in
    +) start "$pid"; listed="$listed $pid:$since" ;;
    -) left=; for p in $listed; do [ "\${p%%:*}" = "$pid" ] || left="$left $p"; done; listed=$left ;;
  esac
done
for p in $listed; do
  pid=\${p%%:*}; start "$pid"
  [ -n "$since" ] && [ "$since" != "\${p#*:}" ] || kill -s KILL -- "-$pid" 2>/dev/null
done
[ -L "$1" ] || rm -rf -- "$1"
for f in "$2"/w-*/owner.json; do [ -O "$f" ] && exit; done
[ -z "$3" ] || rmdir -- "$3/w" "$3" 2>/dev/null
`;

/** How long to wait before a shell that has died is replaced, ms: at first, and at most. */
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 30_000;

/** A small shell that outlives OCP by a moment, to leave nothing behind when OCP itself could not. */
export interface Reaper {
  /** Whether one is there at the moment. */
  readonly isRunning: boolean;
  /** How often one has died and was replaced, or is to be. */
  readonly deaths: number;
  watch(pid: number): void;
  forget(pid: number): void;
  /** Resolves when the shell has ended; it kills what is still watched. */
  close(): Promise<void>;
}

/** What the shell removes at the end. */
export interface ReaperFolders {
  readonly run: string;
  /** Where other OCPs have their folders: the last one takes `shared` away, unless that is empty. */
  readonly parent: string;
  readonly shared: string;
}

/** Starts the shell, and another one whenever it dies. */
export function startReaper(folders: ReaperFolders): Reaper {
  const watched = new Set<number>();
  let shell: Shell | undefined;
  let deaths = 0;
  let waitMs = FIRST_WAIT_MS;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  const begin = (): void => {
    const started = startShell(folders, () => {
      if (isClosed) return;
      shell = undefined;
      deaths += 1;
      timer = setTimeout(begin, waitMs);
      timer.unref();
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    });
    shell = started;
    for (const pid of watched) started.write(`+ ${pid}\n`);
  };
  begin();
  return {
    get isRunning() {
      return shell !== undefined;
    },
    get deaths() {
      return deaths;
    },
    watch(pid) {
      watched.add(pid);
      shell?.write(`+ ${pid}\n`);
    },
    forget(pid) {
      watched.delete(pid);
      shell?.write(`- ${pid}\n`);
    },
    async close() {
      isClosed = true;
      clearTimeout(timer);
      if (shell === undefined) killGroups(watched);
      else await shell.close();
    },
  };
}

interface Shell {
  write(line: string): void;
  close(): Promise<void>;
}

function startShell({ run, parent, shared }: ReaperFolders, onEnd: () => void): Shell {
  let child: ChildProcess | undefined;
  const ended = Promise.withResolvers<void>();
  const end = (): void => {
    ended.resolve();
    onEnd();
  };
  try {
    child = spawn('/bin/sh', ['-c', SCRIPT, 'ocp-reaper', run, parent, shared], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      env: { PATH: '/usr/bin:/bin' },
      cwd: '/',
    });
    let hasEnded = false;
    const endOnce = (): void => {
      if (!hasEnded) end();
      hasEnded = true;
    };
    child.once('exit', endOnce);
    child.once('error', endOnce);
    // Without descriptors there is no pipe.
    child.stdin?.on('error', () => {});
    child.unref();
  } catch {
    setImmediate(end);
  }
  const input = child?.stdin;
  return {
    write: (line) => void input?.write(line),
    async close() {
      child?.ref();
      input?.end();
      await ended.promise;
    },
  };
}

function killGroups(pids: Iterable<number>): void {
  for (const pid of pids) {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  }
}
