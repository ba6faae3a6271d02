import assert from 'node:assert/strict';
import { test } from 'node:test';
import type Anthropic from '@anthropic-ai/sdk';
import { APIError } from '@anthropic-ai/sdk';
import { startSimulator } from '../../simulator/index.ts';
import { parseScript } from '../../simulator/rules/file.ts';
import { asking, client, textOf } from './support.ts';

const readFile: Anthropic.Tool = {
  name: 'read_file',
  description: 'Reads a file',
  input_schema: {
    type: 'object',
    properties: { path: { type: 'string' }, limit: { type: 'integer' } },
    required: ['path'],
  },
};
const weather: Anthropic.Tool = {
  name: 'get_weather',
  input_schema: {
    type: 'object',
    properties: { city: { type: 'string' }, unit: { enum: ['celsius', 'fahrenheit'] } },
    required: ['city', 'unit'],
  },
};
const shell: Anthropic.Tool = {
  name: 'Bash',
  input_schema: { type: 'object', properties: { command: { type: 'string' } }, required: ['command'] },
};

function callsOf(message: Anthropic.Message): unknown[] {
  return message.content.flatMap((block) => (block.type === 'tool_use' ? [[block.name, block.input]] : []));
}

test('the first rule that matches answers, as often as it may, then the next, then the default', async () => {
  await using simulator = await startSimulator({
    script: [
      { when: { text: /^hel+o/i, hasTools: false }, reply: 'first', times: 1 },
      { when: { nth: 2 }, reply: (request) => `call ${request.nth}` },
      { when: (request) => request.headers.authorization === 'Bearer sk-ant-other', reply: 'other key' },
      { when: { model: 'opus', system: 'terse', headers: { 'x-app': 'cli' } }, reply: 'all of them' },
    ],
  });
  const api = client(simulator);
  const ask = async (params: Partial<Anthropic.MessageCreateParamsNonStreaming> = {}): Promise<string> =>
    textOf(await api.messages.create({ ...asking('Hello'), ...params }, { headers: { 'x-app': 'cli' } }));
  assert.equal(await ask(), 'first');
  assert.equal(await ask(), 'call 2');
  assert.match(await ask(), /You said: Hello/);
  assert.equal(textOf(await client(simulator, 'sk-ant-other').messages.create(asking('Hello'))), 'other key');
  assert.equal(await ask({ model: 'claude-opus-5-5', system: 'be terse' }), 'all of them');
  simulator.setScript([]);
  simulator.addRule({ when: { nth: 1 }, reply: 'anew' });
  assert.equal(await ask(), 'anew');
});

test('the default rules call the tool that the prompt asks for, with arguments taken from it', async () => {
  await using simulator = await startSimulator();
  const ask = async (text: string): Promise<unknown[]> =>
    callsOf(await client(simulator).messages.create({ ...asking(text), tools: [weather, shell, readFile] }));
  assert.deepEqual(await ask('Please read README.md and tell me about it'), [['read_file', { path: 'README.md' }]]);
  assert.deepEqual(await ask('What is the weather in New York today?'), [
    ['get_weather', { city: 'New York', unit: 'celsius' }],
  ]);
  assert.deepEqual(await ask('Run `ls -la` for me'), [['Bash', { command: 'ls -la' }]]);
  assert.deepEqual(await ask('Good morning'), []);
});

test('the default rules quote the results of tools, also the failed ones', async () => {
  await using simulator = await startSimulator();
  const message = await client(simulator).messages.create({
    ...asking('x'),
    tools: [readFile, weather],
    messages: [
      { role: 'user', content: 'read a.txt' },
      {
        role: 'assistant',
        content: [
          { type: 'tool_use', id: 'toolu_1', name: 'read_file', input: {} },
          { type: 'tool_use', id: 'toolu_2', name: 'get_weather', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'toolu_1', content: 'forty-two' },
          { type: 'tool_result', tool_use_id: 'toolu_2', content: [{ type: 'text', text: 'offline' }], is_error: true },
        ],
      },
    ],
  });
  assert.equal(textOf(message), 'The tool read_file answered: forty-two\nThe tool get_weather failed: offline');
  assert.equal(message.stop_reason, 'end_turn');
});

test('a forced tool and a JSON format are obeyed', async () => {
  await using simulator = await startSimulator();
  const api = client(simulator);
  const forced = await api.messages.create({
    ...asking('Good morning'),
    tools: [shell, weather],
    tool_choice: { type: 'tool', name: 'get_weather' },
  });
  assert.deepEqual(callsOf(forced), [['get_weather', { city: 'example city', unit: 'celsius' }]]);
  const schema = { type: 'object', properties: { n: { type: 'integer', minimum: 4 } }, required: ['n'] };
  const formatted = await api.messages.create({
    ...asking('Good morning'),
    output_config: { format: { type: 'json_schema', schema } },
  });
  assert.deepEqual(JSON.parse(textOf(formatted)), { n: 4 });
});

test('directives in the prompt steer the answer', async () => {
  await using simulator = await startSimulator();
  const ask = (prompt: string): Promise<Anthropic.Message> =>
    client(simulator).messages.create({ ...asking(prompt), tools: [weather] });
  const mixed = await ask(
    '[[thinking:hm]] [[text:so it is]] [[tool:get_weather {"city":"[[Rome]]"}]] [[tool:get_weather]]',
  );
  assert.deepEqual(
    mixed.content.map((block) => block.type),
    ['thinking', 'text', 'tool_use', 'tool_use'],
  );
  assert.deepEqual(callsOf(mixed), [
    ['get_weather', { city: '[[Rome]]' }],
    ['get_weather', { city: 'example city', unit: 'celsius' }],
  ]);
  assert.equal((await ask('No. [[stop:refusal]]')).stop_reason, 'refusal');
  assert.equal(textOf(await ask('[[pieces:["a","b "]]]')), 'ab ');
  assert.equal(textOf(await ask('[[json:{"a":[[1]]}]]')), '{"a":[[1]]}');
  assert.equal((await ask('[[repeat:12]]')).usage.output_tokens, 12);
  await assert.rejects(
    ask('[[error:429 5]]'),
    (error) => error instanceof APIError && error.headers.get('retry-after') === '5',
  );
  await assert.rejects(ask('[[stream-error:1]]'), /overloaded_error/);
  await assert.rejects(ask('[[cut:headers]]'), /Connection error/);
  await assert.rejects(ask('[[error:soon]]'), /cannot read this directive/);
  assert.match(textOf(await ask('a [[wiki:link]]')), /\[\[wiki:link\]\]/);
});

test('a rules file is a script, and what is wrong in it is named', async () => {
  const rules = [
    {
      when: { text: { pattern: 'weather', flags: 'i' } },
      reply: { kind: 'message', content: [{ type: 'text', text: 'rain' }] },
    },
    { reply: 'else', times: 2 },
  ];
  await using simulator = await startSimulator({ script: parseScript(JSON.stringify(rules)) });
  assert.equal(textOf(await client(simulator).messages.create(asking('Weather?'))), 'rain');
  assert.equal(textOf(await client(simulator).messages.create(asking('hi'))), 'else');
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [{}, /list of rules/],
    [[{ reply: { kind: 'nothing' } }], /rule 1: reply\.kind/],
    [[{ reply: 'a' }, { reply: 'b', time: 1 }], /rule 2: unknown member time/],
    [[{ reply: { kind: 'message', content: [{ type: 'text' }] } }], /content\[0\]/],
    [[{ when: { nth: 0 }, reply: 'a' }], /nth/],
  ];
  for (const [value, message] of wrong) assert.throws(() => parseScript(JSON.stringify(value)), message);
});
