import { once } from 'node:events';
import process from 'node:process';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Scenario } from './scenario.ts';

/** Lines that a reader of the CLI's output has to step over. */
const GARBAGE = [
  'not JSON at all',
  '{"type":"stream_event","event":',
  '',
  'null',
  '[]',
  '{"type":"stream_event"}',
  '{"type":"result"}',
  '{"type":"control_response","response":{"request_id":7}}',
  '{"type":"of_tomorrow","event":{"type":"content_block_delta"}}',
  '{"type":"stream_event","event":{"type":"content_block_delta","index":0,"delta":{"type":"of_tomorrow"}}}',
  '\u{fffd}\u{0}\u{1b}[31mred\u{1b}[0m',
];

/** Writes lines to stdout in the pieces that the scenario asks for, and waits where the reader is slow. */
export class Output {
  readonly #scenario: Scenario;
  #pending: string[] = [];

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
  }

  /** Writes one line at once, whole. */
  static line(message: object): void {
    process.stdout.write(`${JSON.stringify(message)}\n`);
  }

  /** Takes a line of an answer; it goes out with others, or in pieces. */
  async push(line: string): Promise<void> {
    if (this.#scenario.garbage === true) this.#pending.push(...GARBAGE);
    this.#pending.push(line);
    if (this.#pending.length >= (this.#scenario.linesPerWrite ?? (this.#isPaced() ? 1 : 32))) await this.flush();
  }

  /** Writes what is still held back. Gives the event loop a turn, in which an interrupt can be read. */
  async flush(): Promise<void> {
    if (this.#pending.length === 0) return;
    const bytes = Buffer.from(`${this.#pending.join('\n')}\n`);
    this.#pending = [];
    const { bytesPerWrite } = this.#scenario;
    if (bytesPerWrite === undefined) {
      await write(bytes);
      if (!this.#isPaced()) await nextTurn();
      return;
    }
    for (let at = 0; at < bytes.length; at += bytesPerWrite) {
      await write(bytes.subarray(at, at + bytesPerWrite));
      await nextTurn();
    }
  }

  #isPaced(): boolean {
    return (this.#scenario.intervalMs ?? 0) > 0;
  }
}

async function write(bytes: Buffer): Promise<void> {
  if (!process.stdout.write(bytes)) await once(process.stdout, 'drain');
}
