import type { ChildProcessByStdio } from 'node:child_process';
import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { createInterface } from 'node:readline';
import { mcpInitializeResult } from '../../../src/claude/setup.ts';

/** How long the CLI may take to write a line that is waited for, ms. */
const LINE_TIMEOUT_MS = 30_000;

/** A line that the CLI wrote. */
export type Line = Readonly<Record<string, unknown>>;
/** Tells the lines that are meant. */
export type LineTest = (line: Line) => boolean;

interface Waiter {
  readonly test: LineTest;
  readonly from: number;
  readonly found: (at: number) => void;
  readonly failed: (error: Error) => void;
}

/** One process of the CLI, told and heard line by line. It knows nothing of how OCP drives it. */
export class Cli {
  /** Everything that it wrote so far. */
  readonly lines: Line[] = [];
  /** Everything that it was told. */
  readonly told: object[] = [];
  /** Both, in the order in which they were said. */
  readonly said: ({ readonly to: object } | { readonly from: Line })[] = [];
  /** Resolves to the exit code, or the signal, when it is gone. */
  readonly ended: Promise<number | string>;
  readonly cwd: string;
  stderr = '';
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #waiters = new Set<Waiter>();
  #requests = 0;
  #hasEnded = false;
  #answersHooks = false;
  #tools: readonly object[] | undefined;

  constructor(command: {
    readonly path: string;
    readonly args: readonly string[];
    readonly env: Readonly<Record<string, string>>;
    readonly cwd: string;
  }) {
    this.cwd = command.cwd;
    const { cwd, env } = command;
    const child = spawn(command.path, [...command.args], { cwd, env, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    this.#child = child;
    child.stdin.on('error', () => {});
    child.stderr.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString('utf8');
    });
    createInterface({ input: child.stdout }).on('line', (text) => this.#onLine(text));
    this.ended = new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('close', (code, signal) => {
        this.#hasEnded = true;
        for (const waiter of this.#waiters) waiter.failed(new Error(`the CLI ended: ${this.stderr.slice(-500)}`));
        resolve(code ?? signal ?? 0);
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Writes one line. */
  tell(message: object): void {
    this.told.push(message);
    this.said.push({ to: message });
    this.#child.stdin.write(`${JSON.stringify(message)}\n`);
  }

  /** Writes a line as it is, for JSON that no object makes. */
  tellAsWritten(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  /** Asks over the control channel. Rejects with the CLI's words when it refuses. */
  async ask(request: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>> {
    this.#requests += 1;
    const id = `test-${this.#requests}`;
    this.tell({ type: 'control_request', request_id: id, request });
    const line = await this.line(
      (one) => one['type'] === 'control_response' && responseOf(one)['request_id'] === id,
      0,
    );
    const response = responseOf(line);
    if (response['subtype'] !== 'success') throw new Error(String(response['error']));
    return (response['response'] ?? {}) as Readonly<Record<string, unknown>>;
  }

  /** Answers a question of the CLI. */
  reply(question: Line, response: object): void {
    const id = question['request_id'];
    this.tell({ type: 'control_response', response: { subtype: 'success', request_id: id, response } });
  }

  /** Lets the CLI go on whenever it asks whether it may. */
  answerHooks(): void {
    this.#answersHooks = true;
  }

  /** Answers a CLI that asks for the tools of the client instead of taking them from its set-up. */
  serveTools(tools: readonly object[]): void {
    this.#tools = tools;
  }

  /** The call of a client's tool that the CLI makes next, from line `from` on. */
  async toolCall(from?: number): Promise<Line> {
    return this.line((line) => messageOf(line)['method'] === 'tools/call', from);
  }

  /** The first line, from `from` on, that is meant; past or future. */
  async line(test: LineTest, from: number = this.lines.length, timeoutMs: number = LINE_TIMEOUT_MS): Promise<Line> {
    const past = this.lines.slice(from).find(test);
    if (past !== undefined) return past;
    if (this.#hasEnded) throw new Error(`the CLI has ended: ${this.stderr.slice(-500)}`);
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
      };
      const waiter: Waiter = {
        test,
        from,
        found: (at) => {
          stop();
          resolve(this.lines[at] ?? {});
        },
        failed: (error) => {
          stop();
          reject(error);
        },
      };
      const timer = setTimeout(
        () => waiter.failed(new Error(`no such line; the last ones: ${tail(this.lines)} ${this.stderr.slice(-300)}`)),
        timeoutMs,
      );
      this.#waiters.add(waiter);
    });
  }

  /** Tells it something and resolves to all lines up to the next `result`, that one included. */
  async turn(message: object, timeoutMs?: number): Promise<readonly Line[]> {
    const from = this.lines.length;
    this.tell(message);
    await this.line((line) => line['type'] === 'result', from, timeoutMs);
    const end = this.lines.findIndex((line, at) => at >= from && line['type'] === 'result');
    return this.lines.slice(from, end + 1);
  }

  /** The next question of this subtype, from line `from` on. */
  async question(subtype: string, from?: number): Promise<Line> {
    return this.line((line) => line['type'] === 'control_request' && requestOf(line)['subtype'] === subtype, from);
  }

  /** Ends the input; resolves to how it ended. */
  async finish(): Promise<number | string> {
    this.#child.stdin.end();
    return this.ended;
  }

  /** Ends the whole process group. */
  async stop(): Promise<void> {
    try {
      if (!this.#hasEnded) process.kill(-this.pid, 'SIGKILL');
    } catch {
      // It is gone.
    }
    await this.ended;
  }

  #serve(line: Line): void {
    const { method, id = null } = messageOf(line);
    if (this.#tools === undefined || method === undefined || method === 'tools/call') return;
    const results: Readonly<Record<string, object>> = {
      initialize: mcpInitializeResult,
      'tools/list': { tools: this.#tools },
    };
    this.reply(line, {
      mcp_response: { jsonrpc: '2.0', id, result: (typeof method === 'string' ? results[method] : undefined) ?? {} },
    });
  }

  #onLine(text: string): void {
    let line: unknown;
    try {
      line = JSON.parse(text);
    } catch {
      return;
    }
    this.lines.push(line as Line);
    this.said.push({ from: line as Line });
    this.#serve(line as Line);
    const at = this.lines.length - 1;
    if (this.#answersHooks && requestOf(line as Line)['subtype'] === 'hook_callback') this.reply(line as Line, {});
    for (const waiter of this.#waiters) if (at >= waiter.from && waiter.test(line as Line)) waiter.found(at);
  }
}

/** What a `control_request` of the CLI asks. */
export function requestOf(line: Line | undefined): Readonly<Record<string, unknown>> {
  return (line?.['request'] ?? {}) as Readonly<Record<string, unknown>>;
}

/** A member of a line, as a line; empty where there is none. */
export function part(line: Line | undefined, name: string): Line {
  return (line?.[name] ?? {}) as Line;
}

/** What the CLI says to the client's tools in such a question. */
export function messageOf(line: Line | undefined): Line {
  return (requestOf(line)['message'] ?? {}) as Line;
}

/** The events of a turn's `stream_event` lines. */
export function eventsOf(lines: readonly Line[]): readonly Line[] {
  return lines.flatMap((line) => (line['type'] === 'stream_event' ? [line['event'] as Line] : []));
}

/** The text of the answer in a turn's events. */
export function textOf(lines: readonly Line[]): string {
  const deltas = eventsOf(lines).map((event) => event['delta'] as Line | undefined);
  return deltas.map((delta) => (delta?.['type'] === 'text_delta' ? String(delta['text']) : '')).join('');
}

/** The first line of this type (and subtype). */
export function lineOf(lines: readonly Line[], type: string, subtype?: string): Line | undefined {
  return lines.find((line) => line['type'] === type && (subtype === undefined || line['subtype'] === subtype));
}

function responseOf(line: Line): Readonly<Record<string, unknown>> {
  return (line['response'] ?? {}) as Readonly<Record<string, unknown>>;
}

function tail(lines: readonly Line[]): string {
  return JSON.stringify(lines.slice(-3)).slice(0, 600);
}
