import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { suite, test } from 'node:test';
import { KeptResponses } from '../../src/http/kept-responses/kept-responses.ts';
import type { Store } from '../../src/store/database.ts';
import { openStore } from '../../src/store/database.ts';
import type { NewResponse } from '../../src/store/responses.ts';
import { packItems } from '../../src/wire/openai-responses/packed-items.ts';
import { temporaryFolder } from '../support/temporary.ts';

const fail = (error: unknown): never => assert.fail(error as Error);

function open(store: Store, maxBytes = 1e9): KeptResponses {
  return new KeptResponses({
    database: store.quick,
    path: store.path,
    ttlMs: () => 1_000_000,
    maxBytes,
    maxHistoryBytes: 1e9,
    now: () => 1000,
    onError: fail,
  });
}

async function opened(t: TestContext, maxBytes?: number): Promise<{ store: Store; kept: KeptResponses }> {
  const store = await openStore(temporaryFolder(t));
  const kept = open(store, maxBytes);
  t.after(async () => {
    await kept.finish();
    kept.close();
    store.close();
  });
  return { store, kept };
}

function response(id: string, texts: readonly string[], rest: Partial<NewResponse> = {}): NewResponse {
  const input = packItems(texts.map((text, index) => ({ id: `${id}-${index}`, text })));
  const output = [{ id: `${id}-out`, encrypted_content: 'hidden' }];
  return { id, previousId: undefined, body: { id }, input, output, ...rest };
}

/** What is large: one long text, and many short ones. */
const large: readonly (readonly string[])[] = [['é'.repeat(300_000)], Array.from({ length: 3000 }, () => 'x')];

function parsed(json: unknown): Record<string, unknown> {
  return JSON.parse(json instanceof Uint8Array ? Buffer.from(json).toString() : JSON.stringify(json)) as Record<
    string,
    unknown
  >;
}

const count = (store: Store, sql: string): number => Number(store.quick.prepare(sql).get()?.['n']);
const items = 'SELECT count(*) AS n FROM response_items';
const bytes = 'SELECT coalesce(sum(bytes), 0) AS n FROM response_chains';

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}

suite('large kept responses', () => {
  for (const [index, texts] of large.entries()) {
    test(`are found at once and shown like small ones (${index})`, async (t) => {
      const { store, kept } = await opened(t);
      kept.save('a', response('r1', ['small']), fail);
      const heavyBody = Buffer.from('"instructions":"long"');
      kept.save('a', response('r2', texts, { previousId: 'r1', heavyBody }), fail);
      assert.equal(store.quick.prepare("SELECT 1 FROM responses WHERE id = 'r2'").get(), undefined);
      const { previous, items: none } = await kept.kept('a', { previousResponseId: 'r2', itemIds: [] });
      const chain = JSON.parse(Buffer.from(previous ?? '').toString()) as { id: string }[];
      assert.deepEqual(
        chain.map(({ id }) => id),
        ['r1-0', 'r1-out', ...texts.map((_, at) => `r2-${at}`), 'r2-out'],
      );
      assert.equal(Buffer.from(none).toString(), '[]');
      const shown = { id: 'r2', instructions: 'long' };
      assert.deepEqual(parsed(await kept.response('a', 'r2', false)), { ...shown, output: [{ id: 'r2-out' }] });
      assert.deepEqual(parsed(await kept.response('a', 'r2', true))['output'], [
        { id: 'r2-out', encrypted_content: 'hidden' },
      ]);
      const page = parsed(await kept.inputItems('a', 'r2', false, { limit: '1' }));
      assert.deepEqual(page['data'], [{ id: `r2-${texts.length - 1}`, text: texts.at(-1) }]);
      assert.deepEqual(
        [await kept.has('b', 'r2'), await kept.response('b', 'r2', true), await kept.delete('b', 'r2')],
        [false, undefined, false],
      );
      await assert.rejects(kept.inputItems('a', 'r2', false, { after: 'nothing' }), { code: 'invalid_request' });
    });
  }

  test('leave nothing behind when they are deleted, or pushed out, and no bytes uncounted', async (t) => {
    const { store, kept } = await opened(t, 3_000_000);
    for (const texts of large) {
      kept.save('a', response('r1', texts), fail);
      assert.equal(await kept.delete('a', 'r1'), true);
      assert.equal(await kept.delete('a', 'r1'), false);
      assert.equal(await kept.has('a', 'r1'), false);
      await until(() => count(store, items) === 0);
      assert.equal(count(store, bytes), 0);
    }
    for (let index = 0; index < 8; index += 1) kept.save('a', response(`n${index}`, large[0] ?? []), fail);
    assert.equal(await kept.has('a', 'n7'), true);
    await until(() => count(store, items) <= 8);
    assert.ok(count(store, bytes) <= 3_000_000);
    assert.equal(await kept.has('a', 'n0'), false);
    kept.save('a', response('huge', ['x'.repeat(4_000_000)]), fail);
    assert.equal(await kept.has('a', 'huge'), false);
    assert.equal(await kept.has('a', 'n7'), true, 'nothing went for what cannot be kept');
  });

  test('let others write meanwhile', async (t) => {
    const { store, kept } = await opened(t);
    let written = 0;
    kept.save(
      'a',
      response(
        'r1',
        Array.from({ length: 20_000 }, () => 'x'),
      ),
      fail,
    );
    const progress = { isOver: false };
    void kept.has('a', 'r1').then(() => (progress.isOver = true));
    while (!progress.isOver) {
      kept.save('b', response(`s${written}`, ['small']), fail);
      written += 1;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    assert.ok(written > 1);
    assert.equal(count(store, 'SELECT count(*) AS n FROM responses'), written + 1);
  });

  test('that were not finished are cleared away at the next start', async (t) => {
    const { store, kept } = await opened(t);
    kept.save('a', response('whole', ['x']), fail);
    store.quick.exec(`INSERT INTO response_chains (id, owner, used_at, bytes) VALUES (99, ' writing', 1, 0);
      INSERT INTO responses (id, chain_id, bytes, body) VALUES ('half', 99, 0, '{}');
      INSERT INTO response_items VALUES ('half', 'input', 0, 'i', '{}')`);
    assert.equal(await kept.has('a', 'half'), false);
    const next = open(store);
    t.after(() => next.close());
    await until(() => count(store, 'SELECT count(*) AS n FROM responses') === 1);
    assert.equal(count(store, items), 2);
    assert.equal(await next.has('a', 'whole'), true);
  });

  test('that cannot be written are told of, and what was written of them goes', async (t) => {
    const { store, kept } = await opened(t);
    store.quick.exec(`CREATE TRIGGER full BEFORE INSERT ON response_items WHEN NEW.position = 2000
      BEGIN SELECT RAISE(ABORT, 'no room'); END`);
    const failures: unknown[] = [];
    kept.save('a', response('r1', large[1] ?? []), (error) => failures.push(error));
    assert.equal(await kept.has('a', 'r1'), false);
    assert.equal(failures.length, 1);
    await until(() => count(store, items) === 0);
    assert.equal(count(store, bytes), 0);
  });
});
