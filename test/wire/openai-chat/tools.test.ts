import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse, refuses, request } from './support.ts';

const messages = [{ role: 'user', content: 'hi' }];
const read = {
  type: 'function',
  function: { name: 'read', description: 'd', parameters: { type: 'object', $schema: 'x' }, strict: true },
};
const write = { type: 'function', function: { name: 'write' } };
const patch = {
  type: 'custom',
  custom: {
    name: 'patch',
    description: 'p',
    format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'start: "x"' } },
  },
};

test("a function tool keeps its schema as it is; only the type 'object' is added where it is missing", () => {
  const bare = {
    type: 'function',
    function: { name: 'bare.tool', description: null, parameters: { properties: { a: true } } },
  };
  assert.deepEqual(request({ tools: [read, write, bare] }).tools, [
    { name: 'read', description: 'd', input_schema: { type: 'object', $schema: 'x' } },
    { name: 'write', input_schema: { type: 'object', properties: {} } },
    { name: 'bare.tool', input_schema: { type: 'object', properties: { a: true } } },
  ]);
});

test('a custom tool is offered with one text argument and its grammar', () => {
  const parsed = parse({ tools: [patch] });
  const [tool] = parsed.request.tools;
  assert.ok(tool !== undefined);
  assert.match(tool.description ?? '', /^p\n\n.*lark grammar:\nstart: "x"$/);
  assert.deepEqual(tool.input_schema['required'], ['input']);
  assert.deepEqual(parsed.reply.customTools, new Set(['patch']));
});

test('hosted tools that nobody runs here are left out and named', () => {
  const parsed = parse({ tools: [read, { type: 'web_search' }, write, { type: 'file_search' }] });
  assert.deepEqual(
    parsed.request.tools.map((tool) => tool.name),
    ['read', 'write'],
  );
  assert.deepEqual(parsed.ignored, ['tools[1]', 'tools[3]']);
});

test('the choice of tools is carried over', () => {
  const tools = [read, write, patch];
  const choice = (tool_choice: unknown): unknown => request({ tools, tool_choice }).toolChoice;
  assert.deepEqual(choice('none'), { type: 'none' });
  assert.deepEqual(choice('auto'), { type: 'auto' });
  assert.deepEqual(choice('required'), { type: 'any' });
  assert.deepEqual(choice({ type: 'function', function: { name: 'read' } }), { type: 'tool', name: 'read' });
  assert.deepEqual(choice({ type: 'function', name: 'read' }), { type: 'tool', name: 'read' });
  assert.deepEqual(choice({ type: 'custom', custom: { name: 'patch' } }), { type: 'tool', name: 'patch' });
  assert.equal(request({ tools, parallel_tool_calls: false }).parallelToolUse, false);
});

test('allowed tools leave only themselves on offer', () => {
  const allowed = [{ type: 'function', function: { name: 'write' } }];
  for (const tool_choice of [
    { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: allowed } },
    { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'write' }] },
  ]) {
    const { tools, toolChoice } = request({ tools: [read, write], tool_choice });
    assert.deepEqual([tools.map((tool) => tool.name), toolChoice], [['write'], { type: 'any' }]);
  }
});

test('functions are read as tools, one call at a time', () => {
  const parsed = parse({
    functions: [{ name: 'old', parameters: { type: 'object' } }],
    function_call: { name: 'old' },
  });
  assert.deepEqual(parsed.request.tools, [{ name: 'old', input_schema: { type: 'object' } }]);
  assert.deepEqual(parsed.request.toolChoice, { type: 'tool', name: 'old' });
  assert.equal(parsed.request.parallelToolUse, false);
  assert.equal(parsed.reply.legacyFunctions, true);
  assert.deepEqual(request({ functions: [{ name: 'old' }], function_call: 'none' }).toolChoice, { type: 'none' });
});

const named = (name: string): object => ({ type: 'function', function: { name } });

const refusals: readonly (readonly [string, object, string])[] = [
  ['a tool without a type', { tools: [{}] }, 'tools[0].type'],
  ['a tool without a function', { tools: [read, { type: 'function' }] }, 'tools[1].function'],
  ['an empty name', { tools: [named('')] }, 'tools[0].function.name'],
  ['a name too long', { tools: [named('a'.repeat(1025))] }, 'tools[0].function.name'],
  ['a doubled name', { tools: [read, write, named('read')] }, 'tools[2].function.name'],
  [
    'a schema of no object',
    { tools: [{ type: 'function', function: { name: 'a', parameters: { type: 'string' } } }] },
    'tools[0].function.parameters.type',
  ],
  ['a bad legacy function', { functions: [{}] }, 'functions[0].name'],
  ['a forced tool that is not there', { tools: [read], tool_choice: named('write') }, 'tool_choice.function.name'],
  [
    'a forced function that is not there',
    { functions: [{ name: 'a' }], function_call: { name: 'b' } },
    'function_call.name',
  ],
  ['a call required without tools', { tool_choice: 'required' }, 'tool_choice'],
  ['a call required with unusable tools', { tools: [{ type: 'web_search' }], tool_choice: 'required' }, 'tool_choice'],
  [
    'an allowed tool that is not there',
    { tools: [read], tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [named('x')] } } },
    'tool_choice.allowed_tools.tools[0].function.name',
  ],
  ['an unknown choice', { tools: [read], tool_choice: 'maybe' }, 'tool_choice'],
];

for (const [name, body, param] of refusals) {
  test(`refused with the field's path: ${name}`, () => refuses({ messages, ...body }, 'invalid_request', param));
}

test('forcing a hosted tool is refused', () => {
  refuses(
    { messages, tools: [{ type: 'web_search' }], tool_choice: { type: 'web_search' } },
    'unsupported_parameter',
    'tool_choice.type',
  );
});
