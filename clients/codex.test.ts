import { readPrompt, repeatPrompt } from './support/prompts.ts';
import { clientBinary } from './support/run.ts';
import { clientTest } from './support/trial.ts';
import { playTwoTurns } from './support/turns.ts';

const plan = {
  client: 'Codex CLI',
  packageName: '@openai/codex',
  surface: 'openai-responses',
  asked: '`codex exec`, then `codex exec resume --last`',
} as const;

clientTest(plan, async (trial) => {
  await trial.connect('codex');
  const codex = async (...args: string[]) =>
    trial.run(clientBinary('codex'), ['exec', '--skip-git-repo-check', ...args]);
  await playTwoTurns(trial, {
    call: { name: 'exec_command', input: { cmd: 'cat README.md' } },
    first: async () => codex(readPrompt),
    second: async () => codex('resume', '--last', repeatPrompt),
  });
});
