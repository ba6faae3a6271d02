import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { textAnswer, toolAnswer } from '../../simulator/index.ts';
import { untilHealth, workerHealth } from '../support/health.ts';
import type { Ocp } from '../support/ocp.ts';
import { startOcp } from '../support/ocp.ts';
import type { ChatOptions } from '../support/turns.ts';
import { chat, sessionOf, stream, system, user, workerOf } from '../support/turns.ts';

/** A word that can come from one place only. */
const canary = (name: string, index: number): string => `canary-${name}-${index}-${index * 7919}-`;

const tools = (index: number): Readonly<Record<string, unknown>> => ({
  tools: [
    {
      type: 'function',
      function: {
        name: `look_up_${index}`,
        description: canary('tool', index),
        parameters: { type: 'object', properties: { [`key_${index}`]: { type: 'string' } } },
      },
    },
  ],
});

suite('recycled workers', () => {
  let ocp: Ocp;

  before(async () => {
    // Room for one idle worker: after the first request there is never a spare left.
    ocp = await startOcp();
    await untilHealth(ocp, ({ workers }) => workers.spares === 1);
  });
  after(async () => ocp[Symbol.asyncDispose]());

  /** The worker is idle again: only then can it be emptied. */
  async function idle(): Promise<void> {
    await untilHealth(ocp, ({ workers }) => workers.busy === 0 && workers.spares + workers.conversations === 1);
  }

  test('serve single-shot requests that outrun the spares: one process, a new session each', async () => {
    for (let index = 0; index < 4; index += 1) {
      const { text } = await chat(ocp, `[[text:Answer ${index}]]`);
      assert.equal(text, `Answer ${index}`);
      await idle();
    }
    const { origins } = (await workerHealth(ocp)).workers;
    assert.deepEqual([origins.spare, origins.recycled, origins.started], [1, 3, 0]);
    const records = ocp.simulator.log.messages();
    assert.equal(new Set(records.map(workerOf)).size, 1);
    assert.equal(new Set(records.map(sessionOf)).size, 4);
  });

  test('hold nothing of earlier requests: neither questions, answers, prompts nor tools', async () => {
    ocp.simulator.log.clear();
    const { recycled } = (await workerHealth(ocp)).workers.origins;
    ocp.simulator.setScript([
      {
        reply: ({ lastUserText, tools: [tool] }) => {
          const index = Number(/question-(\d+)/u.exec(lastUserText)?.[1]);
          if (index % 5 === 4 && tool !== undefined) return toolAnswer(tool.name);
          return textAnswer([canary('answer', index), ' and more']);
        },
      },
    ]);
    const sent: (readonly string[])[] = [];
    for (let index = 0; index < 12; index += 1) {
      // Two set-ups, four requests each, so that some requests find a worker of their own set-up and some do not.
      const setup = Math.floor(index / 4) % 2;
      const question = canary('question', index);
      await chat(ocp, [system(canary('system', setup)), user(question)], { body: tools(setup) });
      sent.push([canary('system', setup), canary('tool', setup), question]);
      await idle();
    }
    const { origins } = (await workerHealth(ocp)).workers;
    assert.ok(origins.recycled - recycled >= 5, `only ${origins.recycled - recycled} were recycled`);

    const bodies = ocp.simulator.log.messages().map((record) => JSON.stringify(record.body));
    assert.equal(bodies.length, sent.length);
    for (const [index, body] of bodies.entries()) {
      const found = new Set(body.match(/canary-\w+-\d+-\d+-/gu));
      assert.deepEqual([...found].toSorted(), [...(sent[index] ?? [])].toSorted());
    }
  });

  test('hold nothing of an answer whose client hung up', async () => {
    ocp.simulator.setScript([
      {
        when: { text: 'first' },
        reply: textAnswer([canary('half', 1), ' '], { fault: { kind: 'stall', afterTokens: 2 } }),
      },
      { reply: textAnswer('whole') },
    ]);
    await chat(ocp, 'a worker of this set-up');
    await idle();
    ocp.simulator.log.clear();
    const hangUp = new AbortController();
    const reading = await stream(ocp, `${canary('question', 1)} first`, { signal: hangUp.signal });
    await reading.next();
    hangUp.abort();
    await ocp.simulator.log.waitFor(({ outcome }) => outcome === 'client_closed');
    await idle();
    assert.equal((await chat(ocp, 'second')).text, 'whole');
    const [cut, next] = ocp.simulator.log.messages();
    assert.equal(workerOf(next), workerOf(cut), 'the worker was not recycled');
    assert.doesNotMatch(JSON.stringify(next?.body), /canary/u);
  });

  test('are not used for another system prompt, other tools, another schema or another model', async () => {
    ocp.simulator.setScript([]);
    const variants: readonly ChatOptions[] = [
      {},
      { body: tools(1) },
      { body: { response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { type: 'object' } } } } },
      { body: { model: 'haiku' } },
    ];
    const used = new Set<string>();
    for (const [index, variant] of variants.entries()) {
      ocp.simulator.log.clear();
      await chat(ocp, index === 0 ? [system('Be brief.'), user('Hello')] : 'Hello', variant);
      const worker = workerOf(ocp.simulator.log.messages()[0]);
      assert.ok(!used.has(worker), 'a worker of another set-up was used');
      used.add(worker);
      await idle();
    }
  });
});
