import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { toolAnswer } from '../../simulator/index.ts';
import { png } from '../support/media.ts';
import type { Ocp } from '../support/ocp.ts';
import { startOcp } from '../support/ocp.ts';
import { assertResponse, assertStream, readEvents } from './schema.ts';

/**
 * The cases by which Open Responses (openresponses.org/compliance) holds an HTTP server to its specification, the optional
 * ones for hosted tools left out. The model is the simulator, so each case also asserts what reached it.
 */

const model = 'claude-sonnet-5-5';
const weather = {
  type: 'function',
  name: 'get_weather',
  description: 'Tells the weather at a place',
  parameters: { type: 'object', properties: { location: { type: 'string' } }, required: ['location'] },
};
const user = (content: unknown) => ({ type: 'message', role: 'user', content });

suite('Open Responses', () => {
  let ocp: Ocp;
  before(async () => void (ocp = await startOcp()));
  after(async () => ocp[Symbol.asyncDispose]());

  const post = async (body: object): Promise<Response> =>
    fetch(`${ocp.url}/v1/responses`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer none' },
      body: JSON.stringify({ model, ...body }),
    });
  const completed = async (body: object) => {
    const answer = await post(body);
    assert.equal(answer.status, 200);
    const response = assertResponse(await answer.json());
    assert.equal(response.status, 'completed');
    assert.ok(response.output.length > 0);
    return response;
  };
  const received = (): string => JSON.stringify(ocp.simulator.log.messages().at(-1)?.body);

  test('a basic text response', async () => {
    await completed({ input: [user('Greet me in three words.')] });
    assert.ok(received().includes('Greet me in three words.'));
  });

  test('a streaming response', async () => {
    const answer = await post({ input: [user('Count to five.')], stream: true });
    assert.match(answer.headers.get('content-type') ?? '', /^text\/event-stream/);
    assertStream(readEvents(await answer.text()));
  });

  test('a system prompt', async () => {
    await completed({ input: [{ type: 'message', role: 'system', content: 'Speak like a sailor.' }, user('Hello.')] });
    assert.ok(received().includes('Speak like a sailor.'));
  });

  test('a tool call, and its round trip', async () => {
    ocp.simulator.setScript([
      {
        when: { tool: weather.name, hasToolResults: false },
        reply: toolAnswer({ name: weather.name, input: { location: 'Oslo' } }),
      },
    ]);
    const question = user('How is the weather in Oslo?');
    const first = await completed({ input: [question], tools: [weather] });
    const call = first.output.find((item) => item.type === 'function_call');
    assert.ok(call);
    assert.equal(call['name'], weather.name);
    assert.deepEqual(JSON.parse(call['arguments']), { location: 'Oslo' });
    const result = { type: 'function_call_output', call_id: call['call_id'], output: '{"celsius":7}' };
    const second = await completed({ input: [question, ...first.output, result], tools: [weather] });
    assert.ok(second.output.some((item) => item.type === 'message'));
    assert.ok(received().includes('celsius'));
  });

  test('an image', async () => {
    const image = { type: 'input_image', image_url: `data:image/png;base64,${png(2, 2)}` };
    await completed({ input: [user([{ type: 'input_text', text: 'What is this?' }, image])] });
    assert.ok(received().includes('image/png'));
  });

  test('a conversation of several turns', async () => {
    const input = [
      user('My name is Ada.'),
      { type: 'message', role: 'assistant', content: 'Hello Ada!' },
      user('What is it?'),
    ];
    await completed({ input });
    assert.ok(received().includes('My name is Ada.') && received().includes('Hello Ada!'));
  });

  test('a turn after a kept response', async () => {
    const first = await completed({ input: 'The word is papaya.' });
    const second = await completed({ previous_response_id: first.id, input: 'What was the word?' });
    assert.equal(second.previous_response_id, first.id);
    assert.ok(received().includes('The word is papaya.'));
  });
});
