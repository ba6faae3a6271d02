import { claudeCodeSettings } from './settings/claude-code.ts';
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
  trial.settle(claudeCodeSettings(trial.endpoint));
  const env = { DISABLE_AUTOUPDATER: '1' };
  await playTwoTurns(trial, {
    call: { name: 'Read', input: { file_path: trial.readme } },
    first: async () => trial.run(claudeBinary, ['-p', readPrompt], { env }),
    second: async () => trial.run(claudeBinary, ['-p', '--continue', repeatPrompt], { env }),
  });
});
