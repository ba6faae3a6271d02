import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toolAnswer } from '../../../simulator/index.ts';
import { clientOf, lastSent, script } from '../../http/chat-support.ts';
import type { ToolSpec } from '../drive/driver.ts';
import { conformance, Dialogue, drivers, sentTools, usual, ways } from '../support.ts';

const city = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const weather: ToolSpec = { name: 'weather', description: 'Tells the weather.', schema: city };
const time: ToolSpec = { name: 'time', description: 'Tells the time.', schema: city };
const tools = [weather, time];
const oslo = { city: 'Oslo' };
const rome = { city: 'Rome' };

conformance('tool_choice', usual, (ocp) => {
  const calls = (): number => ocp().simulator.log.messages().length;
  const offered = (): string[] => sentTools(ocp().simulator.log.messages().at(-1)).map(({ name }) => name);

  for (const { driver, stream, title } of ways) {
    test(`auto lets the model choose (${title})`, async () => {
      script(ocp(), { reply: 'No need.' });
      const talk = new Dialogue(ocp(), driver, { stream, tools, choice: 'auto' });
      assert.deepEqual((await talk.say('Hello')).stop, 'end');
      assert.deepEqual(offered().toSorted(), ['time', 'weather']);
      script(
        ocp(),
        { when: { hasToolResults: true }, reply: 'Mild.' },
        { reply: toolAnswer({ name: 'time', input: oslo }) },
      );
      const { stop, calls: made } = await talk.say('What time is it?');
      assert.deepEqual([stop, made.map(({ name }) => name)], ['calls', ['time']]);
      assert.equal((await talk.give({ id: made[0]?.id ?? '', content: 'noon' })).text, 'Mild.');
      assert.equal(calls(), 2);
    });
  }

  // Each of these needs a worker of its own for the answer to the call.
  for (const [index, driver] of drivers.entries()) {
    test(`without parallel calls there is one, and the model goes on from one (${driver.name})`, async () => {
      const stream = index % 2 === 0;
      const both = toolAnswer({ name: 'weather', input: oslo }, { name: 'weather', input: rome });
      script(ocp(), { when: { hasToolResults: true }, reply: 'Mild.' }, { reply: both });
      const talk = new Dialogue(ocp(), driver, { stream, tools, parallel: false });
      const { stop, calls: made } = await talk.say('The weather in both?');
      assert.deepEqual([stop, made.map(({ json }) => JSON.parse(json) as unknown)], ['calls', [oslo]]);
      assert.equal((await talk.give({ id: made[0]?.id ?? '', content: 'sun' })).text, 'Mild.');
      assert.doesNotMatch(JSON.stringify(lastSent(ocp())), /Rome/u);
      assert.equal(calls(), 2);
    });
  }

  for (const { driver, stream, title } of ways) {
    test(`none shows the model no tool, also where the history has calls (${title})`, async () => {
      script(ocp(), { reply: 'Just words.' });
      const talk = new Dialogue(ocp(), driver, { stream, tools, choice: 'none' });
      assert.equal((await talk.say('Say something')).text, 'Just words.');
      assert.deepEqual(offered(), []);
      assert.equal(calls(), 1);
    });
  }

  const forced: { readonly title: string; readonly talk: Dialogue; readonly id: string }[] = [];
  for (const { driver, stream, title } of ways) {
    test(`a named tool is called, in one API call (${title})`, async () => {
      script(ocp(), { reply: { kind: 'structured', value: oslo } });
      const talk = new Dialogue(ocp(), driver, { stream, tools });
      const answer = await talk.say('Oslo', { choice: { tool: 'weather' } });
      forced.push({ title, talk, id: answer.calls[0]?.id ?? '' });
      assert.deepEqual([answer.stop, answer.text, answer.calls.length], ['calls', '', 1]);
      const [call] = answer.calls;
      assert.deepEqual([call?.name, JSON.parse(call?.json ?? '')], ['weather', oslo]);
      assert.ok(!stream || (call?.pieces.length ?? 0) > 1, 'the arguments stream');
      assert.equal(calls(), 1);
    });
  }

  test('a forced call is answered like any other', async () => {
    assert.equal(forced.length, ways.length);
    for (const { title, talk, id } of forced) {
      script(ocp(), { reply: 'Sunny in Oslo.' });
      assert.equal((await talk.give({ id, content: 'sun' })).text, 'Sunny in Oslo.', title);
      assert.match(JSON.stringify(lastSent(ocp()).messages), /"name":"weather","input":\{"city":"Oslo"\}/u);
      assert.equal(calls(), 1);
    }
  });

  for (const { driver, stream, title } of ways) {
    test(`required calls one tool or several, in one API call (${title})`, async () => {
      const value = {
        calls: [
          { name: 'weather', input: oslo },
          { name: 'time', input: rome },
        ],
      };
      script(ocp(), { reply: { kind: 'structured', value } });
      const answer = await new Dialogue(ocp(), driver, { stream, tools, choice: 'required' }).say('Both');
      assert.equal(answer.stop, 'calls');
      assert.deepEqual(
        answer.calls.map(({ name, json }) => [name, JSON.parse(json)]),
        [
          ['weather', oslo],
          ['time', rome],
        ],
      );
      assert.equal(new Set(answer.calls.map(({ id }) => id)).size, 2);
      assert.equal(calls(), 1);
    });
  }

  for (const { driver, stream, title } of ways) {
    test(`allowed_tools offers those alone (${title})`, async () => {
      script(
        ocp(),
        { when: { hasToolResults: true }, reply: 'Noon.' },
        { reply: toolAnswer({ name: 'time', input: oslo }) },
      );
      const allowed = { allowed: ['time'], mode: 'auto' } as const;
      const talk = new Dialogue(ocp(), driver, { stream, tools, choice: allowed });
      const answer = await talk.say('The time?');
      assert.deepEqual([answer.stop, answer.calls[0]?.name], ['calls', 'time']);
      assert.deepEqual(offered(), ['time']);
      assert.equal((await talk.give({ id: answer.calls[0]?.id ?? '', content: '12:00' })).text, 'Noon.');
    });
  }

  for (const stream of [true, false]) {
    test(`legacy functions are called and answered in their own shape (${stream ? 'streamed' : 'whole'})`, async () => {
      const client = clientOf(ocp());
      const functions = tools.map(({ name, schema }) => ({ name, parameters: schema }));
      script(
        ocp(),
        { when: { hasToolResults: true }, reply: 'Sunny.' },
        { reply: toolAnswer({ name: 'weather', input: oslo }) },
      );
      const question = { role: 'user' as const, content: 'The weather in Oslo?' };
      const called = { name: '', arguments: '' };
      if (stream) {
        for await (const { choices } of await client.chat.completions.create({
          model: 'sonnet',
          messages: [question],
          functions,
          stream,
        })) {
          called.name += choices[0]?.delta.function_call?.name ?? '';
          called.arguments += choices[0]?.delta.function_call?.arguments ?? '';
          assert.ok([null, 'function_call'].includes(choices[0]?.finish_reason ?? null));
        }
      } else {
        const { choices } = await client.chat.completions.create({ model: 'sonnet', messages: [question], functions });
        assert.equal(choices[0]?.finish_reason, 'function_call');
        Object.assign(called, choices[0].message.function_call);
      }
      assert.deepEqual(called, { name: 'weather', arguments: '{"city":"Oslo"}' });
      const { choices } = await client.chat.completions.create({
        model: 'sonnet',
        messages: [
          question,
          { role: 'assistant', content: null, function_call: called },
          { role: 'function', name: 'weather', content: 'sun' },
        ],
        functions,
      });
      assert.equal(choices[0]?.message.content, 'Sunny.');
      assert.equal(calls(), 2);
    });
  }
});
