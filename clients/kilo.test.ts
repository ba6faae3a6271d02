import { readPrompt, repeatPrompt } from './support/prompts.ts';
import { platformClient } from './support/run.ts';
import { clientTest } from './support/trial.ts';
import { playTwoTurns } from './support/turns.ts';

const { program, ...client } = platformClient('@kilocode/cli-linux-x64', 'bin/kilo');
const plan = {
  client: 'Kilo',
  ...client,
  surface: 'openai-chat',
  asked: '`kilo run`, then `kilo run --continue`',
} as const;

clientTest(plan, async (trial) => {
  await trial.connect('kilo');
  const env = { KILO_DISABLE_AUTOUPDATE: '1', KILO_DISABLE_MODELS_FETCH: '1' };
  const kilo = async (...args: string[]) => trial.run(program, ['run', ...args], { env });
  await playTwoTurns(trial, {
    call: { name: 'read', input: { filePath: trial.readme } },
    first: async () => kilo(readPrompt),
    second: async () => kilo('--continue', repeatPrompt),
  });
});
