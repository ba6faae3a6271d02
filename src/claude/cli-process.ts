import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import type { Readable, Writable } from 'node:stream';
import { LineSplitter } from './lines.ts';
import type { JsonPieces } from './packed/messages.ts';

/** Longest line that is read, bytes: an answer of the largest model fits many times over. */
const LINE_LIMIT_BYTES = 32 * 1024 * 1024;
/** How much of the end of stderr is kept for the log, characters. */
const STDERR_LIMIT = 4096;

/** Lines up to this length are written as one piece. */
const JOINED_BYTES = 65_536;

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
  /** OCP itself sent the signal that ended it. */
  readonly wasKilled: boolean;
  /** Why it could not be started, as the system's error. */
  readonly startError?: NodeJS.ErrnoException;
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
  readonly #input: Writable;
  readonly #output: Readable;
  #stderr = '';
  #hasEnded = false;
  #isAsleep = false;
  /** Its id may mean another process by now. */
  #isGone = false;
  #wasKilled = false;

  /** Starts the process. A program that cannot be started shows as an end with the reason in `startError`, pid 0. */
  constructor(command: CliCommand, onLine: (line: string) => void) {
    const ended = Promise.withResolvers<ProcessEnd>();
    this.ended = ended.promise;
    const end = (code: number | null, signal: NodeJS.Signals | null, startError?: NodeJS.ErrnoException): void => {
      this.#hasEnded = true;
      this.#isGone = true;
      const failed = startError === undefined ? {} : { startError };
      ended.resolve({ code, signal, stderr: this.#stderr, wasKilled: this.#wasKilled, ...failed });
    };
    const started = startChild(command);
    if (started instanceof Error) {
      this.pid = 0;
      this.#input = nowhere();
      this.#output = nowhere();
      this.#note(started.message);
      setImmediate(() => end(null, null, started));
      return;
    }
    const { child, stdin, stdout, stderr } = started;
    this.#input = stdin;
    this.#output = stdout;
    this.pid = child.pid ?? 0;
    const splitter = new LineSplitter(LINE_LIMIT_BYTES);
    stdout.on('data', (chunk: Buffer) => {
      try {
        splitter.push(chunk, onLine);
      } catch (error) {
        this.#note(String(error));
        this.kill();
      }
    });
    stderr.on('data', (chunk: Buffer) => this.#note(chunk.toString('utf8')));
    // A pipe to a process that has just died fails; its end is reported by `ended`.
    for (const pipe of [stdin, stdout, stderr]) pipe.on('error', () => {});
    child.once('error', (error: NodeJS.ErrnoException) => {
      this.#note(error.message);
      if (child.pid === undefined) end(null, null, error);
    });
    // What the process started can hold its output open, and `close` would wait for that.
    child.once('exit', () => this.#endRemains());
    child.once('close', (code, signal) => end(code, signal));
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Writes one line of JSON, which wakes a process that sleeps. Lines to a process that has ended are dropped. */
  write(line: JsonPieces): void {
    this.#wake();
    const stdin = this.#input;
    if (!stdin.writable) return;
    // Long lines go out as they lie in memory, as fast as the process reads; short ones in one call.
    if (lengthOf(line) <= JOINED_BYTES) {
      stdin.write(Buffer.concat([...line, '\n'].map(asBuffer)));
      return;
    }
    stdin.cork();
    for (const piece of line) stdin.write(piece);
    stdin.write('\n');
    stdin.uncork();
  }

  /** Stops reading the process's output, which in turn makes the process wait: how a slow client is passed on. */
  pause(): void {
    this.#output.pause();
  }

  resume(): void {
    this.#output.resume();
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
    this.#input.end();
    const term = setTimeout(() => {
      this.#wasKilled = true;
      this.#signalGroup('SIGTERM');
    }, grace.afterEofMs);
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
    this.#wasKilled = true;
    this.#signalGroup('SIGKILL');
  }

  #wake(): void {
    if (!this.#isAsleep) return;
    this.#isAsleep = false;
    this.#signalGroup('SIGCONT');
  }

  /**
   * Kills what the process has started and left. As long as there is any of it, its id is given to nobody else; where that has
   * happened, there is nothing to kill.
   */
  #endRemains(): void {
    if (!existsSync(`/proc/${this.pid}`)) this.#signalGroup('SIGKILL');
    this.#isGone = true;
  }

  #signalGroup(signal: NodeJS.Signals): void {
    if (this.pid === 0 || this.#isGone) return;
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

interface StartedChild {
  readonly child: ChildProcess;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
}

/**
 * Node tells of some failures by raising and of others by an event; without descriptors it does the latter and leaves out
 * the pipes.
 */
function startChild(command: CliCommand): StartedChild | NodeJS.ErrnoException {
  try {
    const child: ChildProcess = spawn(command.path, command.args, {
      cwd: command.cwd,
      env: command.env,
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    const { stdin, stdout, stderr } = child;
    if (stdin && stdout && stderr) return { child, stdin, stdout, stderr };
    child.once('error', () => {});
    return Object.assign(new Error('there are too many open files to start a process'), { code: 'EMFILE' });
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
}

function nowhere(): PassThrough {
  return new PassThrough().on('error', () => {}).destroy();
}

function lengthOf(line: JsonPieces): number {
  return line.reduce((sum, piece) => sum + piece.length, 0);
}

function asBuffer(piece: string | Uint8Array): Uint8Array {
  return typeof piece === 'string' ? Buffer.from(piece) : piece;
}
