import { Writable } from 'node:stream';
import { command } from './command.ts';

/** `ocp simulate`: the simulator of the Anthropic API alone, to try clients without a login. */
export const simulateCommand = command({
  summary: 'run the simulator of the Anthropic API on this machine, for trying things out without a login',
  description: [
    'Simulates the Anthropic Messages API on this machine, for trying things out without a login, a bill or the internet.',
    'A prompt can steer the answer: [[text:…]] [[tool:NAME {"a":1}]] [[thinking:…]] [[error:529]] [[stop:refusal]]',
  ],
  options: {
    port: { type: 'string', value: 'N', description: 'port to listen on (any free one)' },
    host: { type: 'string', value: 'HOST', description: '127.0.0.1 or localhost: it stays on this machine' },
    'delay-first': { type: 'string', value: 'MS', description: 'ms until the first token (0)' },
    'delay-token': { type: 'string', value: 'MS', description: 'ms between two tokens (0)' },
    rules: { type: 'string', value: 'FILE', description: 'a JSON file of rules for its answers' },
  },
  async run({ options }, { io }) {
    const { runSimulate } = await import('../../simulator/main.ts');
    const argv = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
    return await runSimulate(argv, { stdout: textTo(io.stdout), stderr: textTo(io.stderr), signal: io.signal });
  },
});

/** A stream for text that ends with a line break, as the simulator writes it. */
function textTo(writeLine: (line: string) => void): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      writeLine(String(chunk).replace(/\n$/, ''));
      done();
    },
  });
}
