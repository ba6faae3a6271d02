import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { AuditEvent } from '../../src/store/audit.ts';
import { AuditLog } from '../../src/store/audit.ts';
import { openStore } from '../../src/store/database.ts';
import type { Store } from '../../src/store/database.ts';
import { temporaryFolder } from '../support/temporary.ts';

function event(action: string): AuditEvent {
  return { actor: 'admin', action, target: 'key 1', before: null, after: { n: 1 }, address: '::1', requestId: 'req_1' };
}

async function withLog(folder: string, work: (log: AuditLog, store: Store) => void): Promise<void> {
  const store = await openStore(folder);
  try {
    work(new AuditLog(store.durable, () => 1234), store);
  } finally {
    store.close();
  }
}

suite('the audit log', () => {
  test('keeps what was done, in order, with an unbroken chain over a restart', async (t) => {
    const folder = temporaryFolder(t);
    await withLog(folder, (log) => {
      assert.deepEqual(log.verify(), { entries: 0, brokenAt: null, lastHash: '0'.repeat(64) });
      log.append(event('a'));
    });
    await withLog(folder, (log) => {
      log.append(event('b'));
      const [second, first] = log.page(10);
      assert.partialDeepStrictEqual(first, { ...event('a'), id: 1, at: 1234 });
      assert.partialDeepStrictEqual(second, { action: 'b', id: 2 });
      assert.deepEqual(log.verify(), { entries: 2, brokenAt: null, lastHash: second?.hash });
      assert.deepEqual(log.page(1, 2), [first]);
    });
  });

  test('lets nothing be changed, taken out or put between', async (t) => {
    await withLog(temporaryFolder(t), (log, { durable }) => {
      for (const action of ['a', 'b']) log.append(event(action));
      for (const sql of [
        "UPDATE audit SET actor = 'nobody'",
        'DELETE FROM audit',
        'DELETE FROM audit WHERE id = 2',
        'INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE id = 1',
        "INSERT INTO audit (id, at, actor, action, target, previous, hash) VALUES (9, 1, '', '', '', x'', x'')",
      ]) {
        assert.throws(() => durable.exec(sql), /append-only/, sql);
      }
      assert.equal(log.verify().brokenAt, null);
    });
  });

  test('shows where somebody changed it all the same', async (t) => {
    const tamper = async (sql: string): Promise<number | null> => {
      let found: number | null = null;
      await withLog(temporaryFolder(t), (log, { durable }) => {
        for (const action of ['a', 'b', 'c', 'd']) log.append(event(action));
        for (const name of ['audit_keeps_its_entries', 'audit_loses_nothing', 'audit_has_no_gaps']) {
          durable.exec(`DROP TRIGGER ${name}`);
        }
        durable.exec(sql);
        found = log.verify().brokenAt;
      });
      return found;
    };
    for (const column of ['at', 'actor', 'action', 'target', 'before', 'after', 'address', 'request_id']) {
      assert.equal(await tamper(`UPDATE audit SET ${column} = 7 WHERE id = 3`), 3, column);
    }
    assert.equal(await tamper('UPDATE audit SET after = NULL WHERE id = 1'), 1);
    assert.equal(await tamper('DELETE FROM audit WHERE id = 2'), 3);
    assert.equal(await tamper('DELETE FROM audit WHERE id = 1'), 2);
    assert.equal(await tamper('UPDATE audit SET hash = previous WHERE id = 2'), 2);
  });
});
