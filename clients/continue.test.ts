import { readPrompt, repeatPrompt } from './support/prompts.ts';
import { clientBinary } from './support/run.ts';
import type { Surface } from './support/trial.ts';
import { clientTest } from './support/trial.ts';
import { playTwoTurns } from './support/turns.ts';

const surfaces: readonly Surface[] = ['openai-chat', 'anthropic-messages'];

for (const surface of surfaces) {
  const asked = '`cn -p`, then `cn -p --resume`';
  clientTest({ client: 'Continue', packageName: '@continuedev/cli', surface, asked }, async (trial) => {
    await trial.connect('continue');
    const cn = async (...args: string[]) => trial.run(clientBinary('cn'), args);
    await playTwoTurns(trial, {
      call: { name: 'Read', input: { filepath: trial.readme } },
      first: async () => cn('-p', readPrompt),
      second: async () => cn('-p', '--resume', repeatPrompt),
    });
  });
}
