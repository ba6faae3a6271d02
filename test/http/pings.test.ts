import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { before, suite, test } from 'node:test';
import { textAnswer } from '../../simulator/index.ts';
import { untilHealth } from '../support/health.ts';
import type { Ocp } from '../support/ocp.ts';
import { sharedOcp } from '../support/shared-ocp.ts';
import { question, script } from './chat-support.ts';

/** How long each surface may be silent, ms; the API is silent for several times as long. */
const INTERVAL_MS = 100;
const SILENCE_MS = 450;

/** Each surface: a request, what it sends in silence, and how its stream tells of a failure. */
const surfaces = [
  { path: '/v1/messages', body: { ...question('go'), max_tokens: 99 }, ping: 'event: ping\ndata: {"type":"ping"}' },
  { path: '/v1/chat/completions', body: question('go'), ping: ': keepalive' },
  { path: '/v1/responses', body: { model: 'sonnet', input: 'go' }, ping: ': keepalive' },
] as const;

suite('silence in a stream', () => {
  let ocp: Ocp;
  before(async () => {
    ocp = await sharedOcp({ config: { heartbeatInterval: INTERVAL_MS } });
  });

  const post = async (path: string, body: object): Promise<Response> =>
    fetch(`${ocp.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  for (const { path, body, ping } of surfaces) {
    test(`${path}: pings come before the first event and between tokens, and nothing else does`, async () => {
      script(ocp, { reply: textAnswer(['a', 'b'], { firstTokenDelayMs: SILENCE_MS, tokenDelayMs: SILENCE_MS }) });
      const frames = (await (await post(path, { ...body, stream: true })).text()).split('\n\n').slice(0, -1);
      const isPing = frames.map((frame) => frame === ping);
      const first = isPing.indexOf(false);
      assert.ok(first >= 2, `${first} before the first event`);
      assert.ok(isPing.slice(first).includes(true), 'none between tokens');
      // Everything else is an event of the surface's own.
      for (const frame of frames.filter((one) => one !== ping)) assert.match(frame, /^(?:event: \S+\n)?data: \S/u);
    });

    test(`${path}: a whole answer has none`, async () => {
      script(ocp, { reply: textAnswer('ok', { firstTokenDelayMs: SILENCE_MS }) });
      assert.match(await (await post(path, body)).text(), /^\{.*\}$/u);
    });

    test(`${path}: a failure after a ping is an event with its type, when to try again, and the request's id`, async () => {
      const headers = { 'retry-after': '3' };
      script(ocp, { reply: { kind: 'error', status: 429, firstTokenDelayMs: SILENCE_MS, headers } });
      const response = await post(path, { ...body, stream: true });
      assert.equal(response.status, 200);
      const frames = (await response.text()).split('\n\n').slice(0, -1);
      assert.equal(frames[0], ping);
      const failed = frames.filter((frame) => frame !== ping && frame !== 'data: [DONE]');
      const events = failed.map((frame) => JSON.parse(/^data: (.*)$/mu.exec(frame)?.[1] ?? '') as Event);
      const error = events.at(-1)?.response?.error ?? events.at(-1)?.error;
      assert.equal(error?.code, 'rate_limit_exceeded', failed.join('\n'));
      // Responses have codes only.
      assert.equal(error?.type, path === '/v1/responses' ? undefined : 'rate_limit_error');
      assert.equal(error?.retry_after, 3, failed.join('\n'));
      const id = response.headers.get('request-id') ?? response.headers.get('x-request-id') ?? 'none';
      assert.ok(failed.at(-1)?.includes(id.replace(/^req_/u, '')), `${id} is not in ${failed.at(-1)}`);
    });

    test(`${path}: a reader that hangs up while only pings flow ends the request upstream`, async () => {
      script(ocp, { reply: { kind: 'silent' } });
      const asked = request(`${ocp.url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' } });
      asked.end(JSON.stringify({ ...body, stream: true }));
      const [response] = (await once(asked, 'response')) as [AsyncIterable<Buffer> & { destroy(): void }];
      for await (const chunk of response) {
        assert.ok(String(chunk).startsWith(ping));
        if (ocp.simulator.log.messages().length > 0) break;
      }
      response.destroy();
      asked.destroy();
      await ocp.simulator.log.waitFor((record) => record.outcome === 'client_closed');
      await untilHealth(ocp, ({ concurrency }) => concurrency.inflight === 0);
    });
  }

  test('a failure within the interval keeps its status', async () => {
    // The interval is long against a refusal that needs no worker, and against one that the API sends at once.
    const slow = await sharedOcp({ config: { heartbeatInterval: 5000 } });
    script(slow, { reply: { kind: 'error', status: 429, headers: { 'retry-after': '3' } } });
    for (const { path, body } of surfaces) {
      const response = await fetch(`${slow.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...body, stream: true }),
      });
      assert.equal(response.status, 429, path);
      assert.equal(response.headers.get('retry-after'), '3');
      assert.match(response.headers.get('content-type') ?? '', /^application\/json/u);
    }
  });
});

interface Event extends Failure {
  readonly error?: Failure;
  readonly response?: { readonly error?: Failure };
}

interface Failure {
  readonly code?: string;
  readonly type?: string;
  readonly retry_after?: number;
}
