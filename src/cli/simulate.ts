import { Writable } from 'node:stream';
import type { Command } from './command.ts';

/** `ocp simulate`: the simulator of the Anthropic API alone, to try clients without a login. */
export const simulateCommand: Command = {
  summary: 'run the simulator of the Anthropic API on this machine, for trying things out without a login',
  async run(argv, { io }) {
    const { runSimulate } = await import('../../simulator/main.ts');
    return await runSimulate(argv, { stdout: textTo(io.stdout), stderr: textTo(io.stderr), signal: io.signal });
  },
};

/** A stream for text that ends with a line break, as the simulator writes it. */
function textTo(writeLine: (line: string) => void): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      writeLine(String(chunk).replace(/\n$/, ''));
      done();
    },
  });
}
