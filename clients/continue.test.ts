import { continueSettings } from './settings/continue.ts';
import { readPrompt, repeatPrompt } from './support/prompts.ts';
import { clientBinary } from './support/run.ts';
import type { Surface } from './support/trial.ts';
import { clientTest } from './support/trial.ts';
import { playTwoTurns } from './support/turns.ts';

const providers: readonly (readonly [Surface, string])[] = [
  ['openai-chat', 'openai'],
  ['anthropic-messages', 'anthropic'],
];

for (const [surface, provider] of providers) {
  const asked = '`cn -p`, then `cn -p --resume`';
  clientTest({ client: 'Continue', packageName: '@continuedev/cli', surface, asked }, async (trial) => {
    trial.settle(continueSettings(trial.endpoint, provider));
    const cn = async (...args: string[]) => trial.run(clientBinary('cn'), args);
    await playTwoTurns(trial, {
      call: { name: 'Read', input: { filepath: trial.readme } },
      first: async () => cn('-p', readPrompt),
      second: async () => cn('-p', '--resume', repeatPrompt),
    });
  });
}
