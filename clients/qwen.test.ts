import { readPrompt, repeatPrompt } from './support/prompts.ts';
import { clientBinary } from './support/run.ts';
import type { Surface } from './support/trial.ts';
import { clientTest } from './support/trial.ts';
import { playTwoTurns } from './support/turns.ts';

const surfaces: readonly Surface[] = ['openai-chat', 'openai-responses', 'anthropic-messages'];

for (const surface of surfaces) {
  const asked = '`qwen`, then `qwen --continue`';
  clientTest({ client: 'Qwen Code', packageName: '@qwen-code/qwen-code', surface, asked }, async (trial) => {
    await trial.connect('qwen-code');
    const qwen = async (...args: string[]) => trial.run(clientBinary('qwen'), args);
    await playTwoTurns(trial, {
      call: { name: 'read_file', input: { file_path: trial.readme } },
      first: async () => qwen(readPrompt),
      second: async () => qwen('--continue', repeatPrompt),
    });
  });
}
