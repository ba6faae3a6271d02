import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gone, isAlive } from '../test/support/processes.ts';
import { model } from './settings/settings-file.ts';
import { talkAcp } from './support/acp.ts';
import { readPrompt, repeatPrompt } from './support/prompts.ts';
import { freePort } from './support/port.ts';
import { platformClient } from './support/run.ts';
import type { Surface } from './support/trial.ts';
import { clientTest } from './support/trial.ts';
import { playTwoTurns } from './support/turns.ts';

const { program, ...client } = platformClient('@cline/cli-linux-x64', 'bin/cline');
const providers: readonly (readonly [Surface, string])[] = [
  ['openai-chat', 'openai-compatible'],
  ['anthropic-messages', 'anthropic'],
];

for (const [surface, provider] of providers) {
  const asked = '`cline --json`, then two prompts to `cline --acp`';
  clientTest({ client: 'Cline', ...client, surface, asked }, async (trial) => {
    await trial.connect('cline');
    const own = { CLINE_NO_AUTO_UPDATE: '1', CLINE_HUB_PORT: String(await freePort()) };
    const start = { cwd: trial.project, home: trial.home, env: own };
    const asEditor = { ...start, env: { ...start.env, CLINE_PROVIDER: provider, CLINE_API_KEY: 'none' } };
    try {
      await playTwoTurns(trial, {
        call: { name: 'read_files', input: { files: [{ path: trial.readme }] } },
        first: async () => trial.run(program, ['--json', readPrompt], start),
        // It resumes a session only on a terminal or in an editor.
        second: async () => talkAcp(program, ['--acp'], asEditor, { model, prompts: [readPrompt, repeatPrompt] }),
      });
    } finally {
      await endHub(trial.home);
    }
  });
}

/** Cline leaves a daemon behind, in a process group of its own; it notes its process id. */
async function endHub(home: string): Promise<void> {
  const record = join(home, '.cline/data/locks/hub/production.json');
  if (!existsSync(record)) return;
  const { pid } = JSON.parse(readFileSync(record, 'utf8')) as { readonly pid: number };
  if (isAlive(pid)) process.kill(pid);
  await gone(pid);
}
