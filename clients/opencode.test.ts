import { openCodeSettings } from './settings/opencode.ts';
import { readPrompt, repeatPrompt } from './support/prompts.ts';
import { platformClient } from './support/run.ts';
import type { Surface } from './support/trial.ts';
import { clientTest } from './support/trial.ts';
import { playTwoTurns } from './support/turns.ts';

const { program, ...client } = platformClient('opencode-linux-x64-baseline', 'bin/opencode');

/** OpenCode brings these packages along; each speaks one of the surfaces. */
const providers: readonly (readonly [Surface, string])[] = [
  ['openai-chat', '@ai-sdk/openai-compatible'],
  ['openai-responses', '@ai-sdk/openai'],
  ['anthropic-messages', '@ai-sdk/anthropic'],
];

for (const [surface, npm] of providers) {
  const asked = '`opencode run`, then `opencode run --continue`';
  clientTest({ client: 'OpenCode', ...client, surface, asked }, async (trial) => {
    trial.settle(openCodeSettings(trial.endpoint, npm));
    const env = { OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_MODELS_FETCH: '1' };
    const opencode = async (...args: string[]) => trial.run(program, ['run', ...args], { env });
    await playTwoTurns(trial, {
      call: { name: 'read', input: { filePath: trial.readme } },
      first: async () => opencode(readPrompt),
      second: async () => opencode('--continue', repeatPrompt),
    });
  });
}
