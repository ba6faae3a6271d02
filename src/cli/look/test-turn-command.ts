import { command } from '../command.ts';
import { jsonOption } from '../output/json.ts';
import { remoteOptions } from '../remote/options.ts';

/** `ocp test`: a real answer through the running server, with its times. */
export const testCommand = command({
  summary: 'ask a real question through the running server, and show how long it took',
  description: [
    'Asks a short question through the running server, as a client does, and shows the answer as it comes, with its times. ' +
      'It is a real request, which uses a little of the plan. The exit status is 1 where no whole answer came.',
  ],
  options: {
    ...remoteOptions,
    ...jsonOption,
    model: { type: 'string', short: 'm', value: 'MODEL', known: 'models', description: 'the model to ask (sonnet)' },
    prompt: { type: 'string', value: 'TEXT', description: 'what to ask' },
  },
  examples: [{ line: 'ocp test --model haiku', does: 'asks the fastest model' }],
  run: async (input, context) => (await import('./test-turn.ts')).testTurn(input.options, context),
});
