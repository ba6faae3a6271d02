import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RequestRecord } from '../../simulator/index.ts';
import { toolAnswer } from '../../simulator/index.ts';
import { script } from '../http/chat-support.ts';
import type { Driver } from './drive/driver.ts';
import { chat } from './drive/chat.ts';
import { messages } from './drive/messages.ts';
import { breakpoints, conformance, Dialogue, killWorkerOf, promptTokens } from './support.ts';

const tools = ['read', 'write', 'run'].map((name) => ({
  name,
  description: `Can ${name}. ${'It is described at some length, as agents do. '.repeat(20)}`,
  schema: { type: 'object', properties: { path: { type: 'string' } } },
}));

conformance('reads from the prompt cache', {}, (ocp) => {
  /** A tool conversation; between two of its turns `between` has its way with the worker. */
  async function converse(
    driver: Driver,
    model: string,
    turns: number,
    between: (newest: RequestRecord) => Promise<void>,
  ) {
    let count = 0;
    script(ocp(), { reply: () => toolAnswer({ name: 'read', input: { path: `file ${(count += 1)}` } }) });
    const system = `You are an agent. ${'You have rules. '.repeat(2000)}`;
    const talk = new Dialogue(ocp(), driver, { stream: true, tools, system, model });
    let { calls } = await talk.say('Read it all.');
    for (let turn = 1; turn < turns; turn += 1) {
      const newest = ocp().simulator.log.messages().at(-1);
      assert.ok(newest !== undefined);
      await between(newest);
      ({ calls } = await talk.give({
        id: calls[0]?.id ?? '',
        content: `Content ${turn}: ${'some words of it '.repeat(40)}`,
      }));
    }
    const sent = ocp().simulator.log.messages();
    assert.equal(sent.length, turns);
    return shareOfEarlierTurns(sent);
  }

  const live = async (): Promise<void> => {};
  /** The CLI puts its note of the surroundings behind the newest message, or into it, as the model takes it. */
  const models = [
    { model: 'claude-sonnet-5-5', driver: chat, turns: 20, least: 0.97 },
    { model: 'claude-sonnet-4-6', driver: messages, turns: 8, least: 0.95 },
  ];
  for (const { model, driver, turns, least } of models) {
    test(`a live conversation of 20 turns with ${model}`, async (t) => {
      const share = await converse(driver, model, 20, live);
      t.diagnostic(`${(share * 100).toFixed(1)} %`);
      assert.ok(share >= 0.99, `${share}`);
    });

    test(`one of ${turns} turns with ${model} that is told anew at every turn`, async (t) => {
      const share = await converse(driver, model, turns, killWorkerOf);
      t.diagnostic(`${(share * 100).toFixed(1)} %`);
      assert.ok(share >= least, `${share}`);
    });
  }
});

/** How much of what earlier requests had sent was read from the cache; also that no request has too many breakpoints. */
function shareOfEarlierTurns(requests: readonly RequestRecord[]): number {
  let earlier = 0;
  let read = 0;
  for (const [index, request] of requests.entries()) {
    assert.equal(request.status, 200);
    assert.ok(breakpoints(request) <= 4);
    if (index === 0) continue;
    earlier += promptTokens(requests[index - 1]).all;
    read += promptTokens(request).read;
  }
  return read / earlier;
}
