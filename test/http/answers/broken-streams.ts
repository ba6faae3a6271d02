import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { APIError } from 'openai';
import type { AnswerFault } from '../../../simulator/index.ts';
import { textAnswer } from '../../../simulator/index.ts';
import { untilHealth } from '../../support/health.ts';
import type { Ocp } from '../../support/ocp.ts';
import { startOcp } from '../../support/ocp.ts';
import { sharedOcp } from '../../support/shared-ocp.ts';
import type { SseText } from '../chat-support.ts';
import { clientOf, errorOf, post, question, readSse, script, within } from '../chat-support.ts';

/** Enough for a busy machine to bring the first words. */
const TIMEOUT_MS = 2500;

suite('answers that break in the middle', () => {
  let ocp: Ocp;

  before(async () => {
    ocp = await sharedOcp();
  });

  const faults = [
    ['cut', 'upstream_error', 502],
    ['error', 'upstream_error', 502],
    ['malformed', 'upstream_error', 502],
  ] as const;
  for (const [kind, code, status] of faults) {
    test(`${kind}: the stream says so and ends, with nothing of another answer`, async () => {
      breaking(ocp, kind, 3);
      const response = await post(ocp, question('go', { stream: true }));
      assert.equal(response.status, 200);
      checkBroken(readSse(await response.text()), code);
      const [call] = ocp.simulator.log.messages();
      assert.notEqual(call?.outcome, 'open');
    });

    test(`${kind}: the official client raises, a whole answer is the ${status}`, async () => {
      breaking(ocp, kind, 3);
      const stream = await clientOf(ocp).chat.completions.create(question('go', { stream: true as const }));
      await assert.rejects(
        async () => {
          for await (const chunk of stream) assert.doesNotMatch(JSON.stringify(chunk), /SECOND/u);
        },
        (error) => error instanceof APIError && error.code === code,
      );

      breaking(ocp, kind, 3);
      const whole = await post(ocp, question('go'));
      assert.equal(whole.status, status);
      assert.equal((await errorOf(whole)).code, code);
    });
  }

  for (const stream of [false, true]) {
    test(`a cut before the first word is not seen, ${stream ? 'streamed' : 'whole'}`, async () => {
      breaking(ocp, 'cut', 0);
      const response = await post(ocp, question('go', { stream }));
      const body = await response.text();
      assert.equal(response.status, 200, body);
      if (stream) {
        const sse = readSse(body);
        assert.equal(sse.text, 'SECOND');
        assert.equal(sse.chunks.filter((chunk) => chunk.choices?.[0]?.delta.role !== undefined).length, 1);
        assert.ok(sse.isEnded);
      } else assert.match(body, /"content":"SECOND"/u);
      assert.equal(ocp.simulator.log.messages().length, 2);
    });
  }
});

suite('answers that stall', () => {
  let ocp: Ocp;

  before(async () => {
    ocp = await startOcp({ config: { timeout: TIMEOUT_MS } });
    // On a busy machine a start alone can take that long.
    await untilHealth(ocp, ({ workers }) => workers.spares > 0);
  });
  after(async () => ocp[Symbol.asyncDispose]());

  test('a stream says so at the time-out, and the request upstream is closed', async (t) => {
    breaking(ocp, 'stall', 3);
    const startedAt = performance.now();
    const response = await post(ocp, question('go', { stream: true }));
    assert.equal(response.status, 200);
    checkBroken(readSse(await response.text()), 'timeout');
    within(t, startedAt, TIMEOUT_MS + 3000);
    await ocp.simulator.log.waitFor((record) => record.outcome === 'client_closed');
    assert.equal(ocp.simulator.log.messages().length, 1);
  });

  test('a silent API is a 504 at the time-out, and the request upstream is closed', async (t) => {
    script(ocp, { reply: { kind: 'silent' } });
    const startedAt = performance.now();
    const response = await post(ocp, question('go'));
    assert.equal(response.status, 504);
    const error = await errorOf(response);
    assert.deepEqual([error.code, error.type], ['timeout', 'timeout_error']);
    within(t, startedAt, TIMEOUT_MS + 3000);
    await ocp.simulator.log.waitFor((record) => record.outcome === 'client_closed');
    assert.equal(ocp.simulator.log.messages().length, 1);
  });

  test('time-outs are counted, and nothing runs on', async () => {
    const { stats } = (await ocp.health()) as { stats: Record<string, number> };
    assert.deepEqual([stats['activeRequests'], stats['timeouts']], [0, 2]);
  });
});

suite('heartbeats', () => {
  let ocp: Ocp;

  before(async () => {
    ocp = await sharedOcp({ config: { heartbeatInterval: 50 } });
  });

  test('comments fill the silence before and within an answer, and the client never sees them', async () => {
    script(ocp, { reply: textAnswer(['a', 'b'], { firstTokenDelayMs: 300, tokenDelayMs: 300 }) });
    const sse = readSse(await (await post(ocp, question('go', { stream: true }))).text());
    assert.equal(sse.text, 'ab');
    assert.ok(sse.comments.length >= 4, `${sse.comments.length} comments`);
    assert.ok(sse.isEnded);

    let text = '';
    for await (const chunk of await clientOf(ocp).chat.completions.create(question('go', { stream: true as const }))) {
      text += chunk.choices[0]?.delta.content ?? '';
    }
    assert.equal(text, 'ab');
  });

  test('a failure behind a heartbeat comes in the stream', async () => {
    script(ocp, { reply: { kind: 'error', status: 401, firstTokenDelayMs: 300 } });
    const response = await post(ocp, question('go', { stream: true }));
    const sse = readSse(await response.text());
    assert.equal(response.status, 200);
    assert.equal(sse.chunks.length, 1);
    assert.equal(sse.chunks[0]?.error?.code, 'not_logged_in');
    assert.ok(sse.isEnded);
  });

  test('a whole answer has none', async () => {
    script(ocp, { reply: textAnswer('ok', { firstTokenDelayMs: 200 }) });
    assert.match(await (await post(ocp, question('go'))).text(), /^\{.*\}$/u);
  });
});

/** The first answer breaks; if the CLI asks again, another would come. */
function breaking(ocp: Ocp, kind: AnswerFault['kind'], afterTokens: number): void {
  const pieces = ['one ', 'two ', 'three ', 'four ', 'five'];
  const first = textAnswer(pieces, { fault: { kind, afterTokens }, tokenDelayMs: 80 });
  script(ocp, { reply: first, times: 1 }, { reply: 'SECOND' });
}

/** Some of the answer, then one error of this code, then the end. */
function checkBroken(sse: SseText, code: string): void {
  assert.ok(sse.isEnded);
  assert.match(sse.text, /^one (two )?(three )?$/u);
  const errors = sse.chunks.filter((chunk) => chunk.error !== undefined);
  assert.equal(errors.length, 1);
  assert.equal(errors[0], sse.chunks.at(-1));
  assert.equal(errors[0]?.error?.code, code);
  assert.ok(sse.chunks.every((chunk) => (chunk.choices?.[0]?.finish_reason ?? null) === null));
}
