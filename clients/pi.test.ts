import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPrompt, repeatPrompt } from './support/prompts.ts';
import { clientBinary } from './support/run.ts';
import type { Surface } from './support/trial.ts';
import { clientTest } from './support/trial.ts';
import { playTwoTurns } from './support/turns.ts';

const id = 'claude-sonnet-5-5';
const surfaces: readonly (readonly [Surface, string, string])[] = [
  ['openai-chat', 'openai-completions', '/v1'],
  ['openai-responses', 'openai-responses', '/v1'],
  ['anthropic-messages', 'anthropic-messages', ''],
];

for (const [surface, api, path] of surfaces) {
  const asked = '`pi -p`, then `pi -p --continue`';
  clientTest({ client: 'pi', packageName: '@earendil-works/pi-coding-agent', surface, asked }, async (trial) => {
    const folder = join(trial.home, '.pi/agent');
    mkdirSync(folder, { recursive: true });
    const provider = { baseUrl: `${trial.ocp.url}${path}`, api, apiKey: 'none', models: [{ id, reasoning: true }] };
    writeFileSync(join(folder, 'models.json'), JSON.stringify({ providers: { ocp: provider } }));
    const env = { PI_OFFLINE: '1', PI_SKIP_VERSION_CHECK: '1' };
    const pi = async (...args: string[]) =>
      trial.run(clientBinary('pi'), ['--provider', 'ocp', '--model', id, '-p', ...args], { env });
    await playTwoTurns(trial, {
      call: { name: 'read', input: { path: 'README.md' } },
      first: async () => pi(readPrompt),
      second: async () => pi('--continue', repeatPrompt),
    });
  });
}
