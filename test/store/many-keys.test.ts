import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { openStore } from '../../src/store/database.ts';
import { keyDigest } from '../../src/store/key-text.ts';
import { KeyStore } from '../../src/store/keys.ts';
import { inTransaction } from '../../src/store/transaction.ts';
import { temporaryFolder } from '../support/temporary.ts';

const COUNT = 100_000;
const MOST_US = 50;

test('finding one key among a hundred thousand takes less than 50 µs', { timeout: 120_000 }, async (t) => {
  const store = await openStore(temporaryFolder(t));
  t.after(() => store.close());
  const texts = Array.from({ length: COUNT }, (_, index) => `ocp_${String(index).padStart(32, '0')}`);
  const addKey = store.quick.prepare(
    "INSERT INTO keys (name, last4, created_at, enabled, note, profile, server_tools) VALUES (?, '', 0, 1, '', 'default', 0)",
  );
  const addToken = store.quick.prepare('INSERT INTO key_tokens (digest, key_id, created_at) VALUES (?, ?, 0)');
  inTransaction(store.quick, () => {
    for (const text of texts) addToken.run(keyDigest(text), Number(addKey.run(text).lastInsertRowid));
  });
  const keys = new KeyStore({ store, now: () => 1, randomBytes, onError: (error) => assert.fail(String(error)) });
  assert.equal(keys.size, COUNT);
  const asked = Array.from({ length: 20_000 }, (_, index) => texts[(index * 7919) % COUNT] ?? '');
  const startedAt = performance.now();
  for (const text of asked) {
    const found = keys.find(text);
    assert.ok(found !== undefined);
    keys.touch(found.id);
  }
  for (const text of asked) if (keys.find(`${text}!`) !== undefined) assert.fail(text);
  const each = ((performance.now() - startedAt) * 1000) / (asked.length * 2);
  keys.flush();
  t.diagnostic(`${each.toFixed(2)} µs each`);
  assert.ok(each < MOST_US, `${each} µs`);
});
