import assert from 'node:assert/strict';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { DatabaseSync } from 'node:sqlite';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import { openStore } from '../../src/store/database.ts';
import { KeptAnswers } from '../../src/store/kept-answers.ts';
import { ResponseStore } from '../../src/store/responses.ts';
import { inTransaction } from '../../src/store/transaction.ts';
import { packItems } from '../../src/wire/openai-responses/packed-items.ts';
import { temporaryFolder } from '../support/temporary.ts';

const owners = ['a', 'b', 'c'] as const;
const onError = (error: unknown): never => assert.fail(error as Error);
const owner = fc.constantFrom(...owners);

function responsesIn(database: DatabaseSync, maxBytes: number): ResponseStore {
  return new ResponseStore({
    database,
    ttlMs: () => Number.MAX_SAFE_INTEGER,
    maxBytes,
    maxHistoryBytes: 1e9,
    now: Date.now,
    onError,
  });
}

/** Until the room that is made in slices is made. */
async function settledAt(store: ResponseStore, most: number): Promise<void> {
  while (store.bytes > most) await new Promise((resolve) => setImmediate(resolve));
}

suite('the room of kept responses', () => {
  const kept = (database: DatabaseSync): number =>
    Number(database.prepare('SELECT coalesce(sum(bytes), 0) AS bytes FROM responses').get()?.['bytes']);

  test('is counted to the byte, whatever is saved and deleted, also after a restart', async (t) => {
    const store = await openStore(temporaryFolder(t));
    t.after(() => store.close());
    let count = 0;
    const step = fc.oneof(
      fc.record({ save: owner, fill: fc.nat(3000), onto: fc.nat(5) }),
      fc.record({ remove: owner, nth: fc.nat(20) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        store.quick.exec('DELETE FROM response_chains');
        const responses = responsesIn(store.quick, 30_000);
        const saved: string[] = [];
        for (const each of steps) {
          if ('save' in each) {
            const id = `r${(count += 1)}`;
            responses.save(each.save, {
              id,
              previousId: each.onto === 0 ? undefined : saved.at(-each.onto),
              body: { id },
              input: packItems([{ id: `${id}-in`, text: 'é'.repeat(each.fill) }]),
              output: [],
            });
            saved.push(id);
          } else responses.delete(each.remove, saved[each.nth] ?? '');
          assert.equal(responses.bytes, kept(store.quick));
        }
        await settledAt(responses, 30_000);
        assert.equal(responsesIn(store.quick, 30_000).bytes, kept(store.quick));
      }),
      { numRuns: 40 },
    );
  });

  test('is not emptied for one response that is larger than all of it', async (t) => {
    const store = await openStore(temporaryFolder(t));
    t.after(() => store.close());
    const responses = responsesIn(store.quick, 10_000);
    const save = (whose: string, id: string, fill: number): void =>
      responses.save(whose, {
        id,
        previousId: undefined,
        body: {},
        input: packItems([{ id, text: 'x'.repeat(fill) }]),
        output: [],
      });
    save('a', 'mine', 100);
    save('b', 'small', 100);
    save('b', 'huge', 20_000);
    assert.deepEqual([responses.get('b', 'huge'), responses.get('b', 'small')?.id], [undefined, 'small']);
    for (let index = 0; index < 50; index += 1) save('b', `b${index}`, 900);
    await settledAt(responses, 10_000);
    assert.equal(responses.get('a', 'mine')?.id, 'mine');
  });

  test('is made without holding up the loop, with 512 MB in 20 000 conversations', { timeout: 120_000 }, async (t) => {
    const store = await openStore(temporaryFolder(t));
    t.after(() => store.close());
    const { quick } = store;
    inTransaction(quick, () => {
      const chain = quick.prepare('INSERT INTO response_chains (id, owner, used_at, bytes) VALUES (?, ?, ?, ?)');
      const response = quick.prepare('INSERT INTO responses (id, chain_id, bytes, body) VALUES (?, ?, ?, ?)');
      const item = quick.prepare("INSERT INTO response_items VALUES (?, 'input', 0, ?, ?)");
      for (let id = 1; id <= 20_000; id += 1) {
        chain.run(id, `owner ${id % 7}`, id, 26_000);
        response.run(`r${id}`, id, 26_000, '{}');
        item.run(`r${id}`, `i${id}`, '{}');
      }
    });
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const responses = responsesIn(quick, 100_000_000);
    responses.save('owner 1', { id: 'new', previousId: undefined, body: {}, input: packItems([]), output: [] });
    await settledAt(responses, 100_000_000);
    delay.disable();
    t.diagnostic(`the loop waited ${Math.round(delay.max / 1e6)} ms at most`);
    assert.ok(delay.max < 150e6);
    assert.ok(responses.bytes > 99_000_000, 'no more went than had to');
  });
});

suite('the room of kept answers', () => {
  test('is counted to the byte, never exceeded, and nobody is pushed out', async (t) => {
    const store = await openStore(temporaryFolder(t));
    t.after(() => store.close());
    const make = (): KeptAnswers => new KeptAnswers({ db: store.quick, maxBytes: 20_000, onError });
    const step = fc.record({ whose: fc.constantFrom('b', 'c'), key: fc.nat(200), fill: fc.nat(30_000) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let answers = make();
        answers.clear();
        answers.put('a', 'mine', 'kept', 1);
        for (const [at, { whose, key, fill }] of steps.entries()) {
          answers.put(whose, `${whose} ${key}`, 'x'.repeat(fill), at);
          const { sizeBytes } = answers.stats();
          const sum = store.quick.prepare('SELECT sum(length(answer)) AS bytes FROM kept_answers').get();
          assert.equal(sizeBytes, Number(sum?.['bytes']));
          assert.ok(sizeBytes <= 20_000);
        }
        const before = answers.stats().sizeBytes;
        answers = make();
        assert.equal(answers.stats().sizeBytes, before);
        assert.equal(answers.get('mine', 0, 100), 'kept');
      }),
      { numRuns: 40 },
    );
  });

  test('an answer of the future is no answer: the clock was wrong', async (t) => {
    const store = await openStore(temporaryFolder(t));
    t.after(() => store.close());
    const answers = new KeptAnswers({ db: store.quick, maxBytes: 20_000, onError });
    answers.put('a', 'k', 'x', 5000);
    assert.deepEqual([answers.get('k', 0, 4999), answers.get('k', 0, 5000)], [undefined, 'x']);
  });
});
