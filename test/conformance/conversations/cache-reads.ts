import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RequestRecord } from '../../../simulator/index.ts';
import { toolAnswer } from '../../../simulator/index.ts';
import { script } from '../../http/chat-support.ts';
import type { Driver, Part } from '../drive/driver.ts';
import { chat } from '../drive/chat.ts';
import { messages } from '../drive/messages.ts';
import { onePixel } from '../../support/recordings.ts';
import { breakpoints, conformance, Dialogue, killWorkerOf, promptTokens, usual } from '../support.ts';

const tools = ['read', 'write', 'run'].map((name) => ({
  name,
  description: `Can ${name}. ${'It is described at some length, as agents do. '.repeat(20)}`,
  schema: { type: 'object', properties: { path: { type: 'string' } } },
}));

const liveTurns = 20;
const toldAnew = 4;

conformance('reads from the prompt cache', usual, (ocp) => {
  /** A tool conversation whose first turns go on in one process, and whose last ones are each told anew to another. */
  async function converse(driver: Driver, model: string, turns: number): Promise<readonly RequestRecord[]> {
    let count = 0;
    script(ocp(), {
      reply: () => {
        count += 1;
        if (count % 4 === 0) return `Answer ${count}`;
        return toolAnswer({ name: 'read', input: { path: `file ${count}`, lines: [count, null] } });
      },
    });
    const system = `You are an agent. ${'You have rules. '.repeat(2000)}`;
    const talk = new Dialogue(ocp(), driver, { stream: true, tools, system, model });
    let { calls } = await talk.say('Read it all.');
    for (let turn = 1; turn < turns; turn += 1) {
      if (turn >= turns - toldAnew) await killWorkerOf(ocp().simulator.log.messages().at(-1));
      const [call] = calls;
      ({ calls } =
        call === undefined
          ? await talk.say(`Question ${turn}`)
          : await talk.give({ id: call.id, content: contentOf(turn), isError: driver === messages && turn % 5 === 3 }));
    }
    const sent = ocp().simulator.log.messages();
    assert.equal(sent.length, turns);
    return sent;
  }

  /** The CLI puts its notes of the surroundings behind a message, or into it, as the model takes it. */
  const models = [
    { model: 'claude-sonnet-5-5', driver: chat },
    { model: 'claude-sonnet-4-6', driver: messages },
  ];
  for (const { model, driver } of models) {
    test(`a conversation of ${liveTurns} live turns with ${model}, and ${toldAnew} more that are told anew`, async (t) => {
      const sent = await converse(driver, model, liveTurns + toldAnew);
      const live = shareOfEarlierTurns(sent.slice(0, liveTurns));
      const first = shareOfEarlierTurns(sent.slice(liveTurns - 1, liveTurns + 1));
      const anew = shareOfEarlierTurns(sent.slice(liveTurns));
      t.diagnostic(
        `${(live * 100).toFixed(1)} % live, ${(first * 100).toFixed(1)} %, then ${(anew * 100).toFixed(1)} % told anew`,
      );
      assert.ok(live >= 0.99, `${live}`);
      assert.ok(first >= 0.99, `${first}`);
      assert.ok(anew >= 0.99, `${anew}`);
    });
  }
});

/** What a tool found: text, or text and an image. */
function contentOf(turn: number): string | readonly Part[] {
  const text = `Content ${turn}: ${'some words of it '.repeat(40).trim()}`;
  return turn % 5 === 2 ? [{ text }, { image: `data:image/png;base64,${onePixel}` }] : text;
}

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
