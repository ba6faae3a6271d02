import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServerLook, ServerProbe, Verification } from '../../../src/host/update/probe.ts';
import { verify } from '../../../src/host/update/probe.ts';

const well: ServerLook = { version: '2.0.0', isWell: true, problem: 'ok' };

/** A server that says these things of itself, one at each look; the last one from then on. */
function server(looks: readonly (ServerLook | undefined)[], models = 3): ServerProbe & { turns: number } {
  let nth = -1;
  return {
    url: 'http://127.0.0.1:1',
    turns: 0,
    look: async () => {
      nth = Math.min(nth + 1, looks.length - 1);
      return looks[nth];
    },
    countModels: async () => models,
    async tryTurn() {
      this.turns += 1;
    },
  };
}

function wanted(over: Partial<Verification> = {}): Verification {
  return { version: '2.0.0', well: true, turn: false, timeoutMs: 0, signal: new AbortController().signal, ...over };
}

test('an update is good when the new version answers, is well and lists models', async () => {
  await verify(server([undefined, { ...well, version: '1.0.0' }, well]), wanted({ timeoutMs: 5000 }));
});

test('an update after which the server lists no models is refused', async () => {
  await assert.rejects(verify(server([well], 0), wanted()), /lists no models/u);
});

test('an update is refused with what is not so', async () => {
  await assert.rejects(verify(server([undefined]), wanted()), /no server answers/u);
  await assert.rejects(verify(server([{ ...well, version: '1.0.0' }]), wanted()), /is OCP 1\.0\.0, not 2\.0\.0/u);
  const ill = { ...well, isWell: false, problem: 'no login' };
  await assert.rejects(verify(server([ill]), wanted()), /not well: no login/u);
  await verify(server([ill]), wanted({ well: false }));
});

test('a real turn is asked for only where it is wanted', async () => {
  const asked = server([well]);
  await verify(asked, wanted());
  assert.equal(asked.turns, 0);
  await verify(asked, wanted({ turn: true }));
  assert.equal(asked.turns, 1);
});
