import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
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
 * where the process has no terminal. `stop` is aborted when the user presses Ctrl-C.
 */
export function openTerminal(stop: AbortController): Terminal | undefined {
  let device: number;
  try {
    device = openSync('/dev/tty', 'r+');
  } catch {
    return undefined;
  }
  try {
    const input = new ReadStream(device);
    const terminal = terminalOn(input, new WriteStream(device), stop);
    return {
      asker: terminal.asker,
      close: () => {
        terminal.close();
        input.destroy();
      },
    };
  } catch {
    closeSync(device);
    return undefined;
  }
}

/** Asks over two streams, line by line. What is typed before it is asked for is kept for the next question. */
export function terminalOn(
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
  stop: AbortController,
): Terminal {
  const typed: string[] = [];
  let isHidden = false;
  let isOpen = true;
  let waiting: (() => void) | undefined;
  const screen = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      if (!isHidden) output.write(chunk);
      done();
    },
  });
  const lines = createInterface({ input, output: screen, terminal: 'isTTY' in input && input.isTTY === true });
  lines.on('line', (line) => {
    typed.push(line);
    waiting?.();
  });
  lines.on('SIGINT', () => stop.abort());
  lines.on('close', () => {
    isOpen = false;
    waiting?.();
  });
  stop.signal.addEventListener('abort', () => lines.close());

  const ask = async (question: string, hidden = false): Promise<string> => {
    output.write(question);
    isHidden = hidden;
    if (typed.length === 0 && isOpen) {
      await new Promise<void>((resolve) => {
        waiting = resolve;
      });
    }
    isHidden = false;
    if (hidden) output.write('\n');
    const line = typed.shift();
    if (line === undefined)
      throw new ConnectError('Broken off; what was done until here stays, and --undo takes it back');
    return line.trim();
  };
  return { asker: askerOver(ask, (text) => void output.write(text)), close: () => lines.close() };
}

function askerOver(ask: (question: string, hidden?: boolean) => Promise<string>, write: (text: string) => void): Asker {
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
      write(`${question}\n${options.map((option, index) => `  ${index + 1}) ${option}\n`).join('')}`);
      for (;;) {
        const answer = await ask(`Choice [${preset + 1}]: `);
        const index = answer === '' ? preset : Number(answer) - 1;
        if (options[index] !== undefined) return index;
      }
    },
  };
}
