import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { ReadStream, WriteStream } from 'node:tty';
import type { Asker } from './asker.ts';
import { ConnectError } from './error.ts';

/** A terminal to ask on. */
export interface Terminal {
  readonly asker: Asker;
  readonly close: () => void;
}

/**
 * Asks on the terminal of the process even where its input is a script that is being read, as in `curl … | sh`. Undefined
 * where the process has no terminal.
 */
export function openTerminal(signal: AbortSignal): Terminal | undefined {
  let device: number;
  try {
    device = openSync('/dev/tty', 'r+');
  } catch {
    return undefined;
  }
  try {
    const input = new ReadStream(device);
    const output = new WriteStream(device);
    return { asker: terminalAsker(input, output, signal), close: () => void input.destroy() };
  } catch {
    closeSync(device);
    return undefined;
  }
}

/** Asks over two streams, line by line. */
export function terminalAsker(input: NodeJS.ReadableStream, output: NodeJS.WritableStream, signal: AbortSignal): Asker {
  const ask = async (question: string, isHidden = false): Promise<string> => {
    const hidden = new Writable({ write: (_chunk, _encoding, done) => done() });
    const lines = createInterface({ input, output: isHidden ? hidden : output, terminal: true });
    try {
      if (isHidden) output.write(question);
      return (await lines.question(isHidden ? '' : question, { signal: endOf(lines, signal) })).trim();
    } catch {
      throw new ConnectError('Broken off; what was done until here stays, and --undo takes it back');
    } finally {
      if (isHidden) output.write('\n');
      lines.close();
    }
  };
  return {
    confirm: async (question, preset) => {
      const answer = (await ask(`${question} [${preset ? 'Y/n' : 'y/N'}] `)).toLowerCase();
      return answer === '' ? preset : answer.startsWith('y');
    },
    text: async (question, preset) => {
      const answer = await ask(`${question} [${preset}]: `);
      return answer === '' ? preset : answer;
    },
    secret: async (question) => ask(`${question}: `, true),
    choose: async (question, options, preset) => {
      output.write(`${question}\n${options.map((option, index) => `  ${index + 1}) ${option}\n`).join('')}`);
      for (;;) {
        const answer = await ask(`Choice [${preset + 1}]: `);
        const index = answer === '' ? preset : Number(answer) - 1;
        if (options[index] !== undefined) return index;
      }
    },
  };
}

/** Aborted when the user closes the input or presses Ctrl-C, as well as with the signal. */
function endOf(lines: NodeJS.EventEmitter, signal: AbortSignal): AbortSignal {
  const ended = new AbortController();
  lines.once('close', () => ended.abort());
  lines.once('SIGINT', () => ended.abort());
  return AbortSignal.any([signal, ended.signal]);
}
