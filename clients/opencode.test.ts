import { readPrompt, repeatPrompt } from './support/prompts.ts';
import { platformClient } from './support/run.ts';
import type { Surface } from './support/trial.ts';
import { clientTest } from './support/trial.ts';
import { playTwoTurns } from './support/turns.ts';

const { program, ...client } = platformClient('opencode-linux-x64-baseline', 'bin/opencode');

const surfaces: readonly Surface[] = ['openai-chat', 'openai-responses', 'anthropic-messages'];

for (const surface of surfaces) {
  const asked = '`opencode run`, then `opencode run --continue`';
  clientTest({ client: 'OpenCode', ...client, surface, asked }, async (trial) => {
    await trial.connect('opencode');
    const env = { OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_MODELS_FETCH: '1' };
    const opencode = async (...args: string[]) => trial.run(program, ['run', ...args], { env });
    await playTwoTurns(trial, {
      call: { name: 'read', input: { filePath: trial.readme } },
      first: async () => opencode(readPrompt),
      second: async () => opencode('--continue', repeatPrompt),
    });
  });
}
