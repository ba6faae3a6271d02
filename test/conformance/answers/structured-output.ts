import assert from 'node:assert/strict';
import { test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { jsonSchemaOutputFormat } from '@anthropic-ai/sdk/helpers/json-schema';
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod';
import * as z from 'zod';
import { refusalAnswer, toolAnswer } from '../../../simulator/index.ts';
import type { JsonObject } from '../../../src/wire/json.ts';
import { clientOf, post, question, script } from '../../http/chat-support.ts';
import { conformance, Dialogue, drivers, usual, ways } from '../support.ts';

const person = {
  type: 'object',
  properties: { name: { type: 'string' }, age: { type: 'integer' } },
  required: ['name', 'age'],
  additionalProperties: false,
} as const;
const ada = { name: 'Ada "A" Ω', age: 36 };

/** Schemas, an answer to each, and how the CLI's own tool has to be called for it. */
const shapes: readonly (readonly [title: string, schema: JsonObject, value: unknown, isWrapped: boolean])[] = [
  ['an object', person, ada, false],
  ['an array at the root', { type: 'array', items: person }, [ada, ada], true],
  ['a choice at the root', { anyOf: [person, { type: 'string' }] }, 'nobody', true],
  ['a reference at the root', { $ref: '#/$defs/person', $defs: { person } }, ada, true],
  [
    'references inside',
    { type: 'object', properties: { who: { $ref: '#/$defs/person' } }, required: ['who'], $defs: { person } },
    { who: ada },
    false,
  ],
];

conformance('structured output', usual, (ocp) => {
  const calls = (): number => ocp().simulator.log.messages().length;

  for (const [title, schema, value, isWrapped] of shapes) {
    test(`${title}: the answer is the content, in one API call`, async () => {
      for (const { driver, stream, title: way } of ways) {
        script(ocp(), { reply: { kind: 'structured', value: isWrapped ? { answer: value } : value } });
        const answer = await new Dialogue(ocp(), driver, { stream, schema }).say('Who?');
        assert.deepEqual(JSON.parse(answer.text), value, way);
        assert.deepEqual([answer.stop, answer.calls], ['end', []], way);
        assert.ok(!stream || answer.textPieces.length > 1, 'it streams');
        assert.equal(calls(), 1, way);
      }
    });
  }

  // Each of these ends its worker.
  test('a refusal is one', async () => {
    for (const [index, driver] of drivers.entries()) {
      const stream = index % 2 === 0;
      script(ocp(), { reply: refusalAnswer('I would rather not.') });
      const answer = await new Dialogue(ocp(), driver, { stream, schema: person }).say('Who?');
      assert.deepEqual([answer.stop, answer.refusal], ['refusal', 'I would rather not.'], driver.name);
      assert.equal(calls(), 1, driver.name);
    }
  });

  test('an answer against the schema never passes as one', async () => {
    for (const { driver, stream, title } of ways) {
      script(ocp(), { reply: { kind: 'structured', value: { name: 'Ada', age: 'old' } } });
      const asked = new Dialogue(ocp(), driver, { stream, schema: person }).say('Who?');
      await assert.rejects(asked, /does not follow the schema/u, title);
    }
  });

  test('an invalid answer is asked for again where nothing of it was sent', async () => {
    for (const { driver, title } of ways.filter(({ stream }) => !stream)) {
      script(
        ocp(),
        { reply: { kind: 'structured', value: { name: 'Ada' } }, times: 1 },
        { reply: { kind: 'structured', value: ada } },
      );
      const answer = await new Dialogue(ocp(), driver, { stream: false, schema: person }).say('Who?');
      assert.deepEqual(JSON.parse(answer.text), ada, title);
      assert.equal(calls(), 2, title);
    }
  });

  test('beside tools, the model may call them first', async () => {
    const tools = [{ name: 'look_up', schema: { type: 'object', properties: {} } }];
    for (const { driver, stream, title } of ways) {
      script(
        ocp(),
        { when: { hasToolResults: true }, reply: { kind: 'structured', value: ada } },
        { reply: toolAnswer('look_up') },
      );
      const talk = new Dialogue(ocp(), driver, { stream, tools, schema: person });
      const asked = await talk.say('Who?');
      assert.deepEqual([asked.stop, asked.calls[0]?.name], ['calls', 'look_up'], title);
      const answer = await talk.give({ id: asked.calls[0]?.id ?? '', content: 'Ada, 36' });
      assert.deepEqual([JSON.parse(answer.text), answer.stop], [ada, 'end'], title);
      assert.equal(calls(), 2, title);
    }
  });

  test('json_object is any object; without strict the schema counts all the same', async () => {
    for (const stream of [true, false]) {
      script(ocp(), { reply: { kind: 'structured', value: { any: ['thing'] } } });
      const response = await post(ocp(), question('JSON', { stream, response_format: { type: 'json_object' } }));
      assert.match(await response.text(), stream ? /any/u : /\{\\"any\\":\[\\"thing\\"\]\}/u);
      const text = { format: { type: 'json_object' as const } };
      const said = await clientOf(ocp()).responses.create({ model: 'sonnet', input: 'JSON', text });
      assert.deepEqual(JSON.parse(said.output_text), { any: ['thing'] });
    }
    script(ocp(), { reply: { kind: 'structured', value: ada } });
    const { choices } = await clientOf(ocp()).chat.completions.create({
      ...question('Who?'),
      response_format: { type: 'json_schema', json_schema: { name: 'person', schema: person } },
    });
    assert.deepEqual(JSON.parse(choices[0]?.message.content ?? ''), ada);
  });

  test("the packages' own helpers parse it", async () => {
    const Person = z.object({ name: z.string(), age: z.int() });
    script(ocp(), { reply: { kind: 'structured', value: ada } });
    const client = clientOf(ocp());
    const completion = await client.chat.completions.parse({
      ...question('Who?'),
      response_format: zodResponseFormat(Person, 'person'),
    });
    assert.deepEqual(completion.choices[0]?.message.parsed, ada);

    const format = zodTextFormat(Person, 'person');
    const response = await client.responses.parse({ model: 'sonnet', input: 'Who?', text: { format } });
    assert.deepEqual(response.output_parsed, ada);

    const anthropic = new Anthropic({ baseURL: ocp().url, apiKey: 'none', maxRetries: 0 });
    const message = await anthropic.messages.parse({
      model: 'sonnet',
      max_tokens: 1000,
      messages: [{ role: 'user', content: 'Who?' }],
      output_config: { format: jsonSchemaOutputFormat(person) },
    });
    assert.deepEqual(message.parsed_output, ada);
    assert.equal(calls(), 3);
  });
});
