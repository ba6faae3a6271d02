import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { distinct, hostileBodies } from '../support/bodies/hostile.ts';
import type { BodyEndpoint } from '../support/bodies/json-schema.ts';
import { endpointsWithBody } from '../support/bodies/json-schema.ts';
import { beyondBodies, capBodies } from './cap-bodies.ts';
import type { Seen } from './server.ts';
import type { WatchedOcp } from './watched-ocp.ts';
import { adminKey, startWatched } from './watched-ocp.ts';

/**
 * No body, whoever sends it, may hold the event loop for long or take much memory. `npm run hostile` tries every place of
 * every schema at full size, which takes some minutes; `npm test` tries each kind of place once, smaller: what grows with
 * the square of a body is far beyond the budget at this size already.
 */
const isWhole = process.env['OCP_HOSTILE_ALL'] === '1';
const size = isWhole
  ? { values: 60_000, characters: 4_000_000, levels: 190 }
  : { values: 5000, characters: 100_000, levels: 150 };

/** The longest time that one request may hold the event loop, ms. */
const MOST_HELD_MS = 150;
/** How many times its body a request may take in memory, and what every request may take besides, bytes. */
const MOST_BODIES = 8;
const FREE_BYTES = 100_000_000;

async function send(
  ocp: WatchedOcp,
  { method, path }: Pick<BodyEndpoint, 'method' | 'path'>,
  body: string,
  key: string,
) {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
  const answer = await fetch(`${ocp.url}${path}`, { method, headers, body, signal: AbortSignal.timeout(60_000) });
  await answer.text();
  return answer.status;
}

function findings(name: string, bytes: number, status: number, seen: Seen): string[] {
  const found: string[] = [];
  if (seen.heldMs > MOST_HELD_MS) found.push(`held the event loop for ${seen.heldMs.toFixed(0)} ms`);
  if (seen.grownBytes > MOST_BODIES * bytes + FREE_BYTES) found.push(`took ${Math.round(seen.grownBytes / 1e6)} MB`);
  if (status >= 500) found.push(`was answered with ${status}`);
  found.push(...seen.faults);
  return found.map((what) => `${name} (${(bytes / 1e6).toFixed(1)} MB) ${what}`);
}

suite('bodies made from the schemas of every endpoint', () => {
  let ocp: WatchedOcp;
  let endpoints: readonly BodyEndpoint[];

  before(async () => {
    ocp = await startWatched();
    endpoints = await endpointsWithBody(ocp.url);
  });
  after(() => ocp[Symbol.asyncDispose]());

  test('none of them holds the event loop, takes much memory, or breaks anything', async () => {
    const seenSchemas = new Set<string>();
    const found: string[] = [];
    let tried = 0;
    for (const endpoint of endpoints) {
      const all = hostileBodies(endpoint.schema, size);
      const schema = JSON.stringify(endpoint.schema);
      // Where two endpoints read the same body, the second one is only sampled.
      const isKnown = seenSchemas.has(schema);
      seenSchemas.add(schema);
      for (const [index, { name, make }] of (isWhole ? [...all] : distinct(all)).entries()) {
        if (!isWhole && isKnown && index % 8 !== 0) continue;
        const body = JSON.stringify(unanswered(make()));
        let status = 0;
        const seen = await ocp.measure(async () => {
          status = await send(ocp, endpoint, body, adminKey);
        });
        tried += 1;
        found.push(...findings(`${endpoint.method} ${endpoint.path}: ${name}`, body.length, status, seen));
      }
    }
    assert.deepEqual(found, []);
    assert.ok(endpoints.length > 8 && tried > 1000, `only ${tried} bodies of ${endpoints.length} endpoints`);
  });
});

suite('bodies at the caps, through to the CLI', { skip: isWhole ? false : 'part of npm run hostile' }, () => {
  let ocp: WatchedOcp;

  before(async () => {
    ocp = await startWatched({ CLAUDE_MAX_BODY_SIZE: '33554432' });
  });
  after(() => ocp[Symbol.asyncDispose]());

  for (const { name, path, make } of capBodies) {
    test(name, async () => {
      const body = JSON.stringify(make());
      let status = 0;
      const seen = await ocp.measure(async () => {
        status = await send(ocp, { method: 'POST', path }, body, adminKey);
      }, true);
      assert.deepEqual(findings(name, body.length, status, seen), []);
    });
  }
});

suite('bodies beyond the caps', () => {
  const texts = beyondBodies.map(({ name, text }) => ({ name, body: text() }));

  for (const [mode, key] of [
    ['none', adminKey],
    ['multi', 'ocp_no-such-key'],
  ] as const) {
    test(mode === 'none' ? 'of a caller who may come in' : 'of a caller whom nobody knows', async () => {
      await using ocp = await startWatched({ CLAUDE_AUTH_MODE: mode });
      const endpoints = await endpointsWithBody(ocp.url);
      const found: string[] = [];
      // Every endpoint in the large run; else those that read a body for themselves, each with one of the bodies.
      const tried = isWhole
        ? endpoints
        : endpoints.filter(({ path }) => /completions|messages$|keys$|session/u.test(path));
      for (const [index, endpoint] of tried.entries()) {
        for (const { name, body } of isWhole ? texts : texts.slice(index % texts.length).slice(0, 1)) {
          let status = 0;
          const seen = await ocp.measure(async () => {
            // A server that does not read on may close the connection while the body is still being sent.
            status = await send(ocp, endpoint, body, key).catch(() => 0);
          }, true);
          assert.ok(status === 0 || status >= 400, `${endpoint.path} was answered with ${status}`);
          found.push(...findings(`${endpoint.method} ${endpoint.path}: ${name}`, body.length, status, seen));
        }
      }
      assert.ok(tried.length >= 4, `only ${tried.length} endpoints`);
      assert.deepEqual(found, []);
    });
  }
});

/** A body whose model, where it is a plain one, does not exist: it is refused once it was read, and no CLI is asked. */
function unanswered(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  return 'model' in body && body.model === 'x' ? { ...body, model: 'no-such-model' } : body;
}
