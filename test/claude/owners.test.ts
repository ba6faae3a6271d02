import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { untilHealth, workerHealth } from '../support/health.ts';
import type { Ocp } from '../support/ocp.ts';
import { startOcp } from '../support/ocp.ts';
import type { ChatMessage } from '../support/turns.ts';
import { assistant, chat, user, workerOf } from '../support/turns.ts';

const keys = { admin: 'admin-key-of-the-test', anonymous: 'public-key-of-the-test', local: undefined } as const;
type Owner = keyof typeof keys;

suite('callers of different keys', () => {
  const env = { CLAUDE_AUTH_MODE: 'multi', OCP_ADMIN_KEY: keys.admin, PROXY_ANONYMOUS_KEY: keys.anonymous };

  /** Asks as this caller; gives the answer and the worker that made it. */
  async function ask(
    ocp: Ocp,
    owner: Owner,
    messages: readonly ChatMessage[],
  ): Promise<{ text: string; worker: string }> {
    const key = keys[owner];
    const { status, text } = await chat(ocp, messages, key === undefined ? {} : { key });
    assert.equal(status, 200);
    const worker = workerOf(ocp.simulator.log.messages().at(-1));
    await untilHealth(ocp, ({ workers }) => workers.busy === 0);
    return { text, worker };
  }

  test('never share a worker, whether it is alive, emptied or left over', async () => {
    await using ocp = await startOcp({ env });
    const workers: Record<Owner, Set<string>> = { admin: new Set(), anonymous: new Set(), local: new Set() };
    // Who comes twice in a row gets an emptied worker.
    const rounds: readonly Owner[] = ['admin', 'admin', 'anonymous', 'anonymous', 'local', 'local', 'admin'];
    for (const owner of rounds) workers[owner].add((await ask(ocp, owner, [user('Hello')])).worker);
    const all = Object.values(workers).flatMap((set) => [...set]);
    assert.equal(new Set(all).size, all.length, 'a worker has served two callers');
    assert.ok((await workerHealth(ocp)).workers.origins.recycled > 0, 'nothing was recycled, so nothing was shown');
  });

  test('do not get into the conversation of another by sending the same words', async () => {
    await using ocp = await startOcp({ env, config: { sparesMemoryMb: 900 } });
    const begun = await ask(ocp, 'admin', [user('The word is swordfish')]);
    const history = [user('The word is swordfish'), assistant(begun.text), user('And the word is?')];
    const { live } = (await workerHealth(ocp)).workers.origins;
    const stranger = await ask(ocp, 'anonymous', history);
    assert.notEqual(stranger.worker, begun.worker);
    assert.equal((await workerHealth(ocp)).workers.origins.live, live);
    const owner = await ask(ocp, 'admin', history);
    assert.equal(owner.worker, begun.worker);
    assert.equal((await workerHealth(ocp)).workers.origins.live, live + 1);
  });
});
