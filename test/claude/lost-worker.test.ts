import assert from 'node:assert/strict';
import { after, before, beforeEach, suite, test } from 'node:test';
import type { Answer, RequestRecord } from '../../simulator/index.ts';
import { textAnswer } from '../../simulator/index.ts';
import { workerHealth } from '../support/health.ts';
import type { Ocp } from '../support/ocp.ts';
import { startOcp } from '../support/ocp.ts';
import { chat, processOf, readToEnd, stream, workerOf } from '../support/turns.ts';

suite('a worker that is killed', () => {
  let ocp: Ocp;

  before(async () => {
    ocp = await startOcp();
  });
  after(async () => ocp[Symbol.asyncDispose]());
  beforeEach(() => ocp.simulator.log.clear());

  /** Answers the first requests as given, then kindly. */
  function script(...first: readonly Answer[]): void {
    ocp.simulator.setScript([...first.map((reply) => ({ reply, times: 1 })), { reply: textAnswer('Here I am') }]);
  }

  async function received(count: number): Promise<RequestRecord | undefined> {
    await ocp.simulator.log.waitFor(
      () => ocp.simulator.log.messages().filter((record) => record.body !== undefined).length >= count,
    );
    return ocp.simulator.log.messages()[count - 1];
  }

  test('before its first token is replaced once, and the client does not notice', async () => {
    script({ kind: 'silent' });
    const { retries } = (await workerHealth(ocp)).workers.origins;
    const answer = chat(ocp, 'Are you there?');
    process.kill(processOf(await received(1)), 'SIGKILL');
    const { status, text } = await answer;
    assert.deepEqual([status, text], [200, 'Here I am']);
    const [lost, replacement] = ocp.simulator.log.messages();
    assert.notEqual(workerOf(lost), workerOf(replacement));
    assert.equal((await workerHealth(ocp)).workers.origins.retries, retries + 1);
  });

  test('after the start of a stream but before its first word is replaced within the same stream', async () => {
    script(textAnswer('never seen', { fault: { kind: 'stall', afterTokens: 0 } }));
    const reading = stream(ocp, 'Are you there?').then(readToEnd);
    const record = await received(1);
    await ocp.simulator.log.waitFor((entry) => entry.id === record?.id && entry.usage !== undefined);
    process.kill(processOf(record), 'SIGKILL');
    assert.deepEqual(await reading, { text: 'Here I am', errorCode: undefined, isDone: true });
  });

  test('twice before the first token is an error with a status', async () => {
    script({ kind: 'silent' }, { kind: 'silent' });
    const answer = chat(ocp, 'Are you there?');
    process.kill(processOf(await received(1)), 'SIGKILL');
    process.kill(processOf(await received(2)), 'SIGKILL');
    const { status, code } = await answer;
    assert.deepEqual([status, code], [502, 'worker_lost']);
    assert.equal(ocp.simulator.log.messages().length, 2);
  });

  test('in the middle of an answer ends the stream with an error, and nothing is said twice', async () => {
    script(textAnswer(['one ', 'two ', 'three '], { fault: { kind: 'stall', afterTokens: 2 } }));
    const reading = await stream(ocp, 'Count');
    let text = '';
    while (!text.endsWith('two ')) {
      const event = (await reading.next()) as { choices: { delta: { content?: string } }[] };
      text += event.choices[0]?.delta.content ?? '';
    }
    process.kill(processOf(await received(1)), 'SIGKILL');
    const rest = await readToEnd(reading);
    assert.equal(rest.errorCode, 'worker_lost');
    assert.deepEqual([text + rest.text, ocp.simulator.log.messages().length], ['one two ', 1]);
  });

  test('between two requests costs the conversation nothing', async () => {
    script(textAnswer('Blue'));
    const question = { role: 'user', content: 'My colour?' } as const;
    assert.equal((await chat(ocp, [question])).text, 'Blue');
    process.kill(processOf(await received(1)), 'SIGKILL');
    const next = await chat(ocp, [
      question,
      { role: 'assistant', content: 'Blue' },
      { role: 'user', content: 'Sure?' },
    ]);
    assert.deepEqual([next.status, next.text], [200, 'Here I am']);
    assert.match(JSON.stringify((await received(2))?.body), /My colour\?.*Blue.*Sure\?/u);
  });
});
