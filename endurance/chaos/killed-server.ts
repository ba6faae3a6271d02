import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { newKey, send } from '../../test/support/admin.ts';
import { kill } from '../../test/support/serve-process.ts';
import { newTally, startLoad } from '../support/load.ts';
import { countIn, createPlace, endCleanly, nothingLeft } from '../support/server.ts';
import type { Chaos } from './scenario.ts';

/** Rows are written together this long after their requests, ms, and a moment for the disk. */
const SETTLED_AFTER_MS = 1500;

export const killedServer: Chaos = {
  name: 'server killed',
  what: 'OCP is killed (`kill -9`) at a random moment under load and started again, once a round.',
  holds:
    'No worker, process or folder outlives it; the next one starts, has every key, stored response and settled request.',
  rounds: { full: 100, short: 3 },
  async run({ scope, random, rounds }) {
    const place = createPlace(scope);
    place.change({ tokens: 20, intervalMs: 2 });
    const tally = newTally();
    const stored: string[] = [];
    let key = '';
    let settled = 0;
    for (let round = 0; round < rounds; round += 1) {
      const ocp = await place.start();
      if (round === 0) ({ key } = await newKey(ocp, { name: 'load' }));
      const authorization = { authorization: `Bearer ${key}` };
      for (const id of stored.slice(-3)) {
        assert.equal((await send(ocp, 'GET', `/v1/responses/${id}`, undefined, authorization)).status, 200, id);
      }
      const kept = countIn(place.database, 'SELECT count(*) FROM usage_requests');
      assert.ok(kept >= settled, `${settled} requests were settled, ${kept} are there`);
      const before = tally.whole;
      const load = startLoad({ scope, ocp, key, clients: 3, random, tally });
      const answer = await send(ocp, 'POST', '/v1/responses', { model: 'sonnet', input: 'Keep this.' }, authorization);
      assert.equal(answer.status, 200, answer.text);
      stored.push((answer.body as { readonly id: string }).id);
      const livesMs = random.whole(round % 10 === 0 ? 2 * SETTLED_AFTER_MS : 300);
      await pause(livesMs);
      // What was asked so far has been written by the time that the server dies.
      if (livesMs > SETTLED_AFTER_MS) settled = countIn(place.database, 'SELECT count(*) FROM usage_requests');
      kill(ocp.pid);
      await ocp.ended;
      await load.stop();
      await nothingLeft(place);
      assert.ok(tally.whole >= before);
      assert.deepEqual(tally.wrong, []);
    }
    const last = await place.start();
    assert.equal(countIn(place.database, 'SELECT count(*) FROM keys'), 1);
    assert.ok(countIn(place.database, 'SELECT count(*) FROM responses') >= stored.length);
    await endCleanly(place, last);
    return { killed: rounds, requests: tally.sent, whole: tally.whole, 'responses kept': stored.length };
  },
};
