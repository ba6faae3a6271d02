import { readPrompt, repeatPrompt } from './support/prompts.ts';
import { clientBinary } from './support/run.ts';
import type { Step, Surface } from './support/trial.ts';
import { clientTest } from './support/trial.ts';
import { playTwoTurns } from './support/turns.ts';

/** With every request it moves its notes about the run to the end of the conversation; on Responses once a turn. */
const surfaces: readonly (readonly [Surface, readonly Step[]])[] = [
  ['openai-chat', ['result', 'second']],
  ['openai-responses', ['second']],
  ['anthropic-messages', ['result', 'second']],
];

for (const [surface, edits] of surfaces) {
  const asked = '`openclaw agent --local`, twice in the same session';
  clientTest({ client: 'OpenClaw', packageName: 'openclaw', surface, edits, asked }, async (trial) => {
    await trial.connect('openclaw');
    const openclaw = async (prompt: string) =>
      trial.run(clientBinary('openclaw'), ['agent', '--local', '--agent', 'main', '-m', prompt, '--json']);
    await playTwoTurns(trial, {
      call: { name: 'read', input: { path: trial.readme } },
      first: async () => openclaw(readPrompt),
      second: async () => openclaw(repeatPrompt),
    });
  });
}
