import { readPrompt, repeatPrompt } from './support/prompts.ts';
import { claudeBinary } from './support/run.ts';
import { clientTest } from './support/trial.ts';
import { playTwoTurns } from './support/turns.ts';

const plan = {
  client: 'Claude Code',
  packageName: '@anthropic-ai/claude-code',
  surface: 'anthropic-messages',
  asked: '`claude -p`, then `claude -p --continue`',
} as const;

clientTest(plan, async (trial) => {
  await trial.connect('claude-code');
  const env = { DISABLE_AUTOUPDATER: '1', CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' };
  await playTwoTurns(trial, {
    call: { name: 'Read', input: { file_path: trial.readme } },
    first: async () => trial.run(claudeBinary, ['-p', readPrompt], { env }),
    second: async () => trial.run(claudeBinary, ['-p', '--continue', repeatPrompt], { env }),
  });
});
