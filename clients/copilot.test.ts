import { readPrompt, repeatPrompt } from './support/prompts.ts';
import { platformClient } from './support/run.ts';
import type { Surface } from './support/trial.ts';
import { clientTest } from './support/trial.ts';
import { playTwoTurns } from './support/turns.ts';

type Settings = Readonly<Record<string, string>>;

const { program, ...client } = platformClient('@github/copilot-linux-x64', 'copilot');
const surfaces: readonly (readonly [Surface, string, Settings])[] = [
  ['openai-chat', '/v1', { COPILOT_PROVIDER_TYPE: 'openai', COPILOT_PROVIDER_WIRE_API: 'completions' }],
  ['openai-responses', '/v1', { COPILOT_PROVIDER_TYPE: 'openai', COPILOT_PROVIDER_WIRE_API: 'responses' }],
  ['anthropic-messages', '', { COPILOT_PROVIDER_TYPE: 'anthropic' }],
];

for (const [surface, path, settings] of surfaces) {
  const asked = '`copilot -p`, then `copilot --continue -p`';
  const edits = surface === 'anthropic-messages' ? (['second'] as const) : [];
  clientTest({ client: 'GitHub Copilot CLI', ...client, surface, asked, edits }, async (trial) => {
    const env = {
      ...settings,
      COPILOT_PROVIDER_BASE_URL: `${trial.ocp.url}${path}`,
      COPILOT_PROVIDER_API_KEY: 'none',
      COPILOT_MODEL: 'claude-sonnet-5-5',
      COPILOT_OFFLINE: 'true',
      COPILOT_AUTO_UPDATE: 'false',
    };
    const copilot = async (...args: string[]) => trial.run(program, [...args, '--allow-all-tools'], { env });
    await playTwoTurns(trial, {
      call: { name: 'view', input: { path: trial.readme } },
      first: async () => copilot('-p', readPrompt),
      second: async () => copilot('--continue', '-p', repeatPrompt),
    });
  });
}
