import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Connection } from './connection.ts';
import { readCorpus } from './corpus.ts';
import { modes, startFuzzed } from './fuzz.ts';
import { fault } from './judge.ts';
import { bytesOf } from './requests.ts';

/** How many are sent at a time. */
const CONNECTIONS = 8;

for (const mode of modes) {
  test(`what fuzzing has found or kept is met as it should be, auth mode ${mode}`, async () => {
    const entries = readCorpus().filter((entry) => entry.mode === mode);
    await using fuzzed = await startFuzzed(mode);
    const { ocp, surroundings } = fuzzed;
    const waiting = entries.values();
    const found: string[] = [];
    const work = async (): Promise<void> => {
      const connection = new Connection(Number(new URL(ocp.url).port));
      for (const { method, target, headers, body, mayFail, signature } of waiting) {
        const request = {
          method,
          target,
          headers: [`Host: ${surroundings.host}`, ...(surroundings.credentials[0] ?? []), ...headers],
          body: body === undefined ? undefined : Buffer.from(body, 'base64'),
          mayFail: mayFail === true,
          isTurn: false,
        };
        const what = fault(request, await connection.send(bytesOf(request), method));
        if (what !== undefined) found.push(`${signature}: ${what}`);
      }
      connection.close();
    };
    const { faults } = await ocp.measure(async () => {
      await Promise.all(Array.from({ length: CONNECTIONS }, work));
    });
    assert.ok(entries.length > 0, 'the corpus has no request for this mode');
    assert.deepEqual([found, faults], [[], []]);
  });
}
