import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { openStore } from '../../src/store/database.ts';
import { temporaryFolder } from '../support/temporary.ts';

const writer = join(import.meta.dirname, 'writer.ts');
const rounds = 5;

/** Lets a process write until it says that it has kept so many, and kills it; gives back the last one it told of. */
async function writeAndKill(folder: string, first: number, count: number): Promise<number> {
  const child = spawn(process.execPath, [writer, folder, String(first)], {
    env: {},
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let last = first - 1;
  for await (const line of createInterface({ input: child.stdout })) {
    last = Number(line);
    if (last === first + count) child.kill('SIGKILL');
  }
  if (child.signalCode === null) await once(child, 'exit');
  assert.equal(child.signalCode, 'SIGKILL');
  return last;
}

test('a killed process loses nothing that it had kept, and leaves nothing half', async (t) => {
  const folder = temporaryFolder(t);
  let last = -1;
  for (let round = 0; round < rounds; round += 1) {
    // Each round begins a chain of its own, after whatever the killed process had begun besides.
    last = await writeAndKill(folder, last + 1 + ((last + 1) % 2) + 2, 40 + round * 30);
    const store = await openStore(folder);
    const rows = store.quick
      .prepare(
        'SELECT r.id, COUNT(*) AS items FROM responses r JOIN response_items i ON i.response_id = r.id GROUP BY r.id',
      )
      .all();
    const counts = new Map(rows.map((row) => [row['id'], row['items']]));
    assert.equal(counts.get(`r${last}`), 40);
    assert.deepEqual([...new Set(counts.values())], [40]);
    const [all] = store.quick.prepare('SELECT COUNT(*) AS count FROM responses').all();
    assert.equal(all?.['count'], counts.size);
    const [sums] = store.quick
      .prepare(
        'SELECT (SELECT SUM(bytes) FROM responses) AS responses, (SELECT SUM(bytes) FROM response_chains) AS chains',
      )
      .all();
    assert.equal(sums?.['responses'], sums?.['chains']);
    assert.deepEqual(
      store.durable
        .prepare('PRAGMA integrity_check')
        .all()
        .map((row) => row['integrity_check']),
      ['ok'],
    );
    assert.deepEqual(store.durable.prepare('PRAGMA foreign_key_check').all(), []);
    store.close();
  }
});
