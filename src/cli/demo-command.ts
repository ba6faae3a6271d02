import { command } from './command.ts';
import { defaultPort } from './demo-script.ts';

/** `ocp demo`: one streamed answer of the simulator, through OCP and the real CLI; then a server to try tools with. */
export const demoCommand = command({
  summary: 'show a streamed answer without a login or the internet, then leave the server up to try tools with',
  description: [
    'Shows OCP at work without a login and without the internet: the real Claude CLI runs behind OCP, and a simulator on ' +
      'this machine answers in the place of Anthropic. Nothing of your own Claude login or settings is read.',
    'The exit status is 0 when the whole answer came, else 1.',
  ],
  options: {
    once: { type: 'boolean', description: 'end after the answer; without it the server stays up until Ctrl+C' },
    port: {
      type: 'string',
      value: 'N',
      description: `port of OCP (${defaultPort}; any free one when that is taken, or when N is 0)`,
    },
  },
  run: async (input, context) => (await import('./demo.ts')).demo(input.options, context),
});
