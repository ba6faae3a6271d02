import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import { openStore } from '../../src/store/database.ts';
import type { NewResponse, ResponseStoreOptions, StoredItem, StoredResponse } from '../../src/store/responses.ts';
import { ResponseStore } from '../../src/store/responses.ts';
import { packItems } from '../../src/wire/openai-responses/packed-items.ts';
import { OcpError } from '../../src/wire/errors.ts';
import { temporaryFolder } from '../support/temporary.ts';

const item = (id: string, fill = 0): StoredItem => ({ id, text: 'é'.repeat(fill) });

function response(id: string, previousId?: string, fill = 0): NewResponse {
  return { id, previousId, body: { id }, input: packItems([item(`${id}-in`, fill)]), output: [item(`${id}-out`)] };
}

async function responses(t: TestContext, options: Partial<ResponseStoreOptions> = {}): Promise<ResponseStore> {
  const store = await openStore(temporaryFolder(t));
  t.after(() => store.close());
  return new ResponseStore({
    database: store.quick,
    ttlMs: () => 1000,
    maxBytes: 1_000_000,
    maxHistoryBytes: 1_000_000,
    now: () => 0,
    onError: (error) => assert.fail(error as Error),
    ...options,
  });
}

const ids = (texts: readonly string[] | undefined): unknown[] | undefined =>
  texts?.map((text) => (JSON.parse(text) as StoredItem)['id']);

suite('kept responses in the database', () => {
  test('come back as they were', async (t) => {
    const store = await responses(t);
    let count = 0;
    const items = fc.array(fc.record({ id: fc.string(), value: fc.jsonValue() }));
    fc.assert(
      fc.property(items, items, fc.dictionary(fc.string(), fc.jsonValue()), (input, output, fields) => {
        count += 1;
        // JSON has no negative zero and no prototype.
        const kept = JSON.parse(JSON.stringify({ body: fields, input, output })) as StoredResponse;
        const saved = { ...kept, id: `r${count}`, previousId: undefined };
        store.save('a', { ...saved, input: packItems(saved.input) });
        assert.deepEqual(store.get('a', saved.id), saved);
      }),
      { numRuns: 50 },
    );
  });

  test('make chains that may branch', async (t) => {
    const store = await responses(t);
    store.save('a', response('r1'));
    store.save('a', response('r2', 'r1'));
    store.save('a', response('r3', 'r1'));
    assert.deepEqual(ids(store.chain('a', 'r2')), ['r1-in', 'r1-out', 'r2-in', 'r2-out']);
    assert.deepEqual(ids(store.chain('a', 'r3')), ['r1-in', 'r1-out', 'r3-in', 'r3-out']);
    assert.equal(store.delete('a', 'r1'), true);
    assert.equal(store.delete('a', 'r1'), false);
    assert.equal(store.chain('a', 'r3'), undefined);
    assert.equal(store.get('a', 'r3')?.previousId, 'r1');
  });

  test('are each owner’s own, their items too; of one id the newest counts', async (t) => {
    const store = await responses(t);
    store.save('a', response('r1'));
    store.save('a', { ...response('r2'), input: packItems([{ id: 'r1-in', text: 'newer' }]) });
    const found = store.items('a', ['r1-in', 'none', 'r1-out', 'r1-in']);
    assert.deepEqual(
      found.map((each) => JSON.parse(each) as unknown),
      [{ id: 'r1-in', text: 'newer' }, item('r1-out')],
    );
    store.save('b', response('r3', 'r1'));
    for (const none of [store.get('b', 'r1'), store.chain('b', 'r1'), store.chain('b', 'r3')]) {
      assert.equal(none, undefined);
    }
    assert.deepEqual(store.items('b', ['r1-in']), []);
    assert.equal(store.delete('b', 'r1'), false);
    assert.equal(store.get('a', 'r1')?.id, 'r1');
  });

  test('expire together once their chain is not used', async (t) => {
    let now = 0;
    const store = await responses(t, { now: () => now });
    store.save('a', response('r1'));
    store.save('a', response('lone'));
    now = 999;
    store.save('a', response('r2', 'r1'));
    now = 1000;
    assert.equal(store.get('a', 'lone'), undefined);
    assert.deepEqual(store.items('a', ['lone-in']), []);
    assert.equal(store.chain('a', 'r2')?.length, 4);
    assert.equal(store.sweep(), 1);
    now = 1999;
    assert.equal(store.chain('a', 'r2'), undefined);
    assert.equal(store.sweep(), 1);
  });

  test('make room: of whoever keeps most, what was not used for longest', async (t) => {
    let now = 0;
    const store = await responses(t, { maxBytes: 100_000, now: () => now });
    store.save('modest', response('m1', undefined, 5000));
    for (let index = 0; index < 40; index += 1) {
      now += 1;
      store.save('greedy', response(`g${index}`, undefined, 5000));
    }
    assert.equal(store.get('modest', 'm1')?.id, 'm1');
    const left = Array.from({ length: 40 }, (_, index) => index).filter((index) => store.get('greedy', `g${index}`));
    assert.ok(left.length >= 6 && left.length <= 9, String(left));
    assert.equal(left.at(-1), 39);
    assert.equal((left[0] ?? 0) + left.length, 40);
  });

  test('of more bytes than a request may hold are refused, whatever way they are referred to', async (t) => {
    const store = await responses(t, { maxHistoryBytes: 10_000 });
    store.save('a', response('r1', undefined, 3000));
    store.save('a', response('r2', 'r1', 3000));
    const tooLong = (error: unknown): boolean => error instanceof OcpError && error.code === 'context_length_exceeded';
    assert.equal(store.chain('a', 'r1')?.length, 2);
    assert.throws(() => store.chain('a', 'r2'), tooLong);
    assert.throws(() => store.items('a', ['r1-in', 'r1-in']), tooLong);
  });
});
