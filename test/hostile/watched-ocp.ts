import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fakeClaudeBinary } from '../support/fake-claude.ts';
import { isolatedEnv } from '../support/ocp.ts';
import type { Seen } from './server.ts';

/** An OCP in a process of its own with the scripted CLI behind it, which tells what a request cost it. */
export interface WatchedOcp extends AsyncDisposable {
  readonly url: string;
  /** The memory that is in use once all that can be collected was, bytes; not to be asked while another answer is awaited. */
  memory(): Promise<number>;
  /** Does something, and tells what it cost the server. */
  measure(work: () => Promise<void>, collectsFirst?: boolean): Promise<Seen>;
}

export const adminKey = 'admin-key-of-the-hostile-tests';

/** Starts it; `env` goes on top of what every isolated OCP has. */
export async function startWatched(env: Readonly<Record<string, string>> = {}): Promise<WatchedOcp> {
  const home = mkdtempSync(join(tmpdir(), 'ocp-hostile-'));
  const child = fork(join(import.meta.dirname, 'server.ts'), {
    env: {
      ...isolatedEnv(home, 'http://127.0.0.1:9'),
      CLAUDE_BIN: fakeClaudeBinary,
      OCP_ADMIN_KEY: adminKey,
      OCP_SPARES_MEMORY_MB: '100',
      TMPDIR: home,
      ...env,
    },
    execArgv: ['--expose-gc'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const { url } = await answerOf<{ readonly url: string }>(child);
  return {
    url,
    memory: async () => {
      const answer = answerOf<{ readonly bytes: number }>(child);
      child.send('memory');
      return (await answer).bytes;
    },
    measure: async (work, collectsFirst = false) => {
      const ready = answerOf(child);
      child.send(collectsFirst ? 'reset and collect' : 'reset');
      await ready;
      await work();
      const seen = answerOf<Seen>(child);
      child.send('report');
      return seen;
    },
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit');
      if (child.connected) child.send('stop');
      await ended;
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function answerOf<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const gone = (code: number | null): void => reject(new Error(`the server has ended with ${code}`));
    child.once('exit', gone);
    child.once('message', (message) => {
      child.off('exit', gone);
      resolve(message as T);
    });
  });
}
