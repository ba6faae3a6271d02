import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adminKey, startMulti } from '../support/admin.ts';
import { fakeClaudeBinary, writeScenario } from '../support/fake-claude.ts';
import type { Ocp } from '../support/ocp.ts';
import type { DemoKeys } from './demo-data.ts';
import { demoNow, writeDemoData } from './demo-data.ts';

/** OCP with a month of use behind it, and its clock in the demo's afternoon. Its CLI is scripted: the page sees nothing of it. */
export interface DemoSite extends AsyncDisposable {
  readonly ocp: Ocp;
  readonly keys: DemoKeys;
}

export { adminKey };

export async function startDemoSite(tokenDelayMs = 0): Promise<DemoSite> {
  const folder = await mkdtemp(join(tmpdir(), 'ocp demo '));
  const home = join(folder, 'ocp');
  const claude = join(folder, 'claude');
  await mkdir(claude);
  writeScenario(claude, { tokens: 400, intervalMs: tokenDelayMs });
  const keys = await writeDemoData(home);
  const begin = Date.now();
  const ocp = await startMulti({
    env: { OCP_HOME: home, CLAUDE_CACHE_TTL: '3600000', CLAUDE_BIN: fakeClaudeBinary, CLAUDE_CONFIG_DIR: claude },
    now: () => demoNow + (Date.now() - begin),
  });
  return {
    ocp,
    keys,
    async [Symbol.asyncDispose]() {
      await ocp[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Starts a streamed answer for a key; it goes on until it is aborted. */
export async function streamFor(ocp: Ocp, key: string, model: string, userAgent: string): Promise<AbortController> {
  const abort = new AbortController();
  const response = await fetch(`${ocp.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, 'user-agent': userAgent },
    body: JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: 'word '.repeat(400) }] }),
    signal: abort.signal,
  });
  void response.text().catch(() => {});
  return abort;
}
