import type { ChildProcessByStdio } from 'node:child_process';
import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { LineSplitter } from './lines.ts';

/** Longest line that is read, bytes: an answer of the largest model fits many times over. */
const LINE_LIMIT_BYTES = 32 * 1024 * 1024;
/** How much of the end of stderr is kept for the log, characters. */
const STDERR_LIMIT = 4096;

export interface CliCommand {
  readonly path: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of stderr, for OCP's own log; it may name paths, so clients never see it. */
  readonly stderr: string;
}

/** How long a process may take to leave after each step of {@link CliProcess.stop}, ms. */
export interface StopGrace {
  readonly afterEofMs: number;
  readonly afterTermMs: number;
}

const DEFAULT_GRACE: StopGrace = { afterEofMs: 1000, afterTermMs: 1000 };

/**
 * One process of the CLI that speaks one JSON object a line over stdin and stdout. It leads a process group of its own, so
 * that whatever it starts dies with it.
 */
export class CliProcess {
  /** Resolves once, when the process has ended and its output is read; never rejects. */
  readonly ended: Promise<ProcessEnd>;
  readonly pid: number;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  #stderr = '';
  #hasEnded = false;
  #isAsleep = false;

  /** Starts the process. A program that cannot be started shows as an end with the reason in `stderr`, pid 0. */
  constructor(command: CliCommand, onLine: (line: string) => void) {
    const child = spawn(command.path, command.args, {
      cwd: command.cwd,
      env: command.env,
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    this.#child = child;
    this.pid = child.pid ?? 0;
    const splitter = new LineSplitter(LINE_LIMIT_BYTES);
    child.stdout.on('data', (chunk: Buffer) => {
      try {
        splitter.push(chunk, onLine);
      } catch (error) {
        this.#note(String(error));
        this.kill();
      }
    });
    child.stderr.on('data', (chunk: Buffer) => this.#note(chunk.toString('utf8')));
    // A write to a process that has just died fails here; its end is reported by `ended`.
    child.stdin.on('error', () => {});
    this.ended = new Promise((resolve) => {
      const end = (code: number | null, signal: NodeJS.Signals | null): void => {
        this.#hasEnded = true;
        resolve({ code, signal, stderr: this.#stderr });
      };
      child.once('error', (error) => {
        this.#note(error.message);
        if (child.pid === undefined) end(null, null);
      });
      // What the process started can hold its output open, and `close` would wait for that.
      child.once('exit', () => this.#signalGroup('SIGKILL'));
      child.once('close', end);
    });
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Writes one line, which wakes a process that sleeps. Lines to a process that has ended are dropped. */
  write(message: object): void {
    this.#wake();
    if (this.#child.stdin.writable) this.#child.stdin.write(`${JSON.stringify(message)}\n`);
  }

  /** Stops reading the process's output, which in turn makes the process wait: how a slow client is passed on. */
  pause(): void {
    this.#child.stdout.pause();
  }

  resume(): void {
    this.#child.stdout.resume();
  }

  /** Stops the whole group until something is written to it: meanwhile it takes no CPU. */
  sleep(): void {
    if (this.#hasEnded) return;
    this.#isAsleep = true;
    this.#signalGroup('SIGSTOP');
  }

  /** Ends the process gently: end of input, then TERM, then KILL to the whole group. Resolves when it is gone. */
  async stop(grace: StopGrace = DEFAULT_GRACE): Promise<ProcessEnd> {
    this.resume();
    this.#wake();
    this.#child.stdin.end();
    const term = setTimeout(() => this.#signalGroup('SIGTERM'), grace.afterEofMs);
    const kill = setTimeout(() => this.kill(), grace.afterEofMs + grace.afterTermMs);
    try {
      return await this.ended;
    } finally {
      clearTimeout(term);
      clearTimeout(kill);
    }
  }

  /** Ends the whole group at once. */
  kill(): void {
    this.resume();
    this.#signalGroup('SIGKILL');
  }

  #wake(): void {
    if (!this.#isAsleep) return;
    this.#isAsleep = false;
    this.#signalGroup('SIGCONT');
  }

  #signalGroup(signal: NodeJS.Signals): void {
    if (this.pid === 0) return;
    try {
      process.kill(-this.pid, signal);
    } catch {
      // The group is already gone.
    }
  }

  #note(text: string): void {
    this.#stderr = (this.#stderr + text).slice(-STDERR_LIMIT);
  }
}
