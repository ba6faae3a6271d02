import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { adminKey, asAdmin, bearer, newKey, remote, send, startMulti } from '../../support/admin.ts';
import { fakeClaudeBinary } from '../../support/fake-claude.ts';
import type { Ocp } from '../../support/ocp.ts';
import { post, question } from '../chat-support.ts';

interface Event {
  readonly name: string;
  readonly id: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;
}

interface Follower {
  /** The next event of this name; others are passed over. Undefined at the end. */
  next(name: string): Promise<Event | undefined>;
  readonly seen: readonly Event[];
  close(): void;
}

async function follow(ocp: Pick<Ocp, 'url'>, headers: Record<string, string>): Promise<Follower> {
  const abort = new AbortController();
  const response = await fetch(`${ocp.url}/api/events`, { headers, signal: abort.signal });
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/u);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  assert.ok(reader);
  const seen: Event[] = [];
  let text = '';
  return {
    seen,
    close: () => abort.abort(),
    async next(name) {
      for (;;) {
        const end = text.indexOf('\n\n');
        if (end === -1) {
          const { done, value } = await reader.read();
          if (done) return undefined;
          text += value;
          continue;
        }
        const lines = text.slice(0, end).split('\n');
        text = text.slice(end + 2);
        const field = (key: string): string | undefined =>
          lines.find((line) => line.startsWith(`${key}: `))?.slice(key.length + 2);
        const found = field('event');
        if (found === undefined) continue;
        const event = { name: found, id: field('id'), data: JSON.parse(field('data') ?? '{}') as Event['data'] };
        seen.push(event);
        if (found === name) return event;
      }
    },
  };
}

suite('what happens, as it happens', { timeout: 60_000 }, () => {
  let ocp: Ocp;
  let anna: { id: number; key: string };
  let ben: { id: number; key: string };
  before(async () => {
    ocp = await startMulti({ env: { CLAUDE_BIN: fakeClaudeBinary } });
    anna = await newKey(ocp, { name: 'anna' });
    ben = await newKey(ocp, { name: 'ben' });
  });
  after(async () => ocp[Symbol.asyncDispose]());
  const ask = async (key: string): Promise<void> => {
    await (await post(ocp, question('hello'), bearer(key))).text();
  };

  test('the admin hears of everything, a person of their own, a stranger of the status alone', async () => {
    const admin = await follow(ocp, { ...remote, ...bearer(adminKey) });
    const person = await follow(ocp, { ...remote, ...bearer(anna.key) });
    const stranger = await follow(ocp, remote);
    for (const one of [admin, person, stranger]) await one.next('status');
    await ask(ben.key);
    await ask(anna.key);
    const names = [(await admin.next('request'))?.data['key_name'], (await admin.next('request'))?.data['key_name']];
    assert.deepEqual(names, ['ben', 'anna']);
    assert.equal((await person.next('request'))?.data['key_name'], 'anna');
    assert.ok(!JSON.stringify(person.seen).includes('ben'));
    assert.ok(admin.seen.some(({ name }) => name === 'log'));

    await asAdmin(ocp, 'PATCH', `/api/keys/${anna.id}`, { note: 'changed' });
    assert.equal((await admin.next('audit'))?.data['action'], 'key.change');
    assert.ok((await person.next('me')) !== undefined);
    stranger.close();
    const strange = new Set(stranger.seen.map(({ name }) => name));
    assert.deepEqual(strange, new Set(['hello', 'status']));
    assert.doesNotMatch(JSON.stringify(stranger.seen), /anna|ben|claudeVersion/u);
    admin.close();
    person.close();
  });

  test('running requests are shown while they run', async () => {
    const admin = await follow(ocp, { ...remote, ...bearer(adminKey) });
    const slow = question('[[fake:{"tokens":40,"intervalMs":100}]]', { stream: true });
    const leaving = new AbortController();
    const response = await post(ocp, slow, bearer(anna.key), leaving.signal);
    await response.body?.getReader().read();
    for (;;) {
      const { running } = ((await admin.next('live'))?.data ?? { running: [] }) as {
        running: { caller: string; state: string; characters: number }[];
      };
      const [first] = running;
      if (first === undefined || first.state !== 'streaming' || first.characters === 0) continue;
      assert.equal(first.caller, 'anna');
      break;
    }
    leaving.abort();
    for (;;) {
      const live = (await admin.next('live'))?.data as { running: unknown[] } | undefined;
      if (live?.running.length === 0) break;
    }
    admin.close();
  });

  test('who comes back after a lost connection gets what they missed, or is told that it is gone', async () => {
    const first = await follow(ocp, { ...remote, ...bearer(anna.key) });
    await ask(anna.key);
    const last = await first.next('request');
    first.close();
    await ask(ben.key);
    await ask(anna.key);
    const again = await follow(ocp, { ...remote, ...bearer(anna.key), 'last-event-id': last?.id ?? '' });
    assert.equal((await again.next('hello'))?.data['resumed'], true);
    assert.equal((await again.next('request'))?.data['key_name'], 'anna');
    assert.ok(!JSON.stringify(again.seen).includes('ben'));
    again.close();
    const other = await follow(ocp, { ...remote, ...bearer(anna.key), 'last-event-id': 'another-run:3' });
    assert.equal((await other.next('hello'))?.data['resumed'], false);
    other.close();
  });

  test('a key that ends, ends what it follows; a wrong key follows nothing', async () => {
    const { id, key } = await newKey(ocp, { name: 'short' });
    const person = await follow(ocp, { ...remote, ...bearer(key) });
    await person.next('status');
    await asAdmin(ocp, 'DELETE', `/api/keys/${id}`);
    assert.ok((await person.next('ended')) !== undefined);
    assert.equal(await person.next('status'), undefined);
    const refused = await fetch(`${ocp.url}/api/events`, { headers: { ...remote, ...bearer('wrong') } });
    assert.equal(refused.status, 401);
  });

  test('strangers cannot open more pages than there is room for, nor take the places of others', async () => {
    const open = await Promise.all(Array.from({ length: 32 }, async () => follow(ocp, remote)));
    const reply = await send(ocp, 'GET', '/api/events', undefined, remote);
    assert.deepEqual([reply.status, reply.headers.get('retry-after')], [429, '30']);
    const admin = await follow(ocp, { ...remote, ...bearer(adminKey) });
    assert.ok((await admin.next('status')) !== undefined);
    for (const one of [...open, admin]) one.close();
  });
});

test('a server that stops tells the open pages, and is not held up by them', async () => {
  const ocp = await startMulti({ env: { CLAUDE_BIN: fakeClaudeBinary } });
  const page = await follow(ocp, remote);
  await page.next('status');
  const begin = performance.now();
  const stopping = ocp.stop();
  assert.ok((await page.next('stopping')) !== undefined);
  await stopping;
  assert.ok(performance.now() - begin < 5000);
  await ocp[Symbol.asyncDispose]();
});
