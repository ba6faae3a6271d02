import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse, refuses } from './support.ts';

const read = { type: 'function', name: 'read', description: 'Reads', strict: null, parameters: { type: 'object' } };
const patch = {
  type: 'custom',
  name: 'patch',
  description: 'Edits',
  format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' },
};
const agents = {
  type: 'namespace',
  name: 'agents',
  description: 'Sub-agents',
  tools: [
    { type: 'function', name: 'spawn' },
    { ...read, description: null },
  ],
};

test('functions, functions of a namespace and freeform tools become tools with their own names', () => {
  const { request, reply } = parse({ tools: [read, agents, patch] });
  assert.deepEqual(
    request.tools.map(({ name }) => name),
    ['read', 'agents__spawn', 'agents__read', 'patch'],
  );
  assert.deepEqual(request.tools[0], { name: 'read', description: 'Reads', input_schema: { type: 'object' } });
  assert.deepEqual(request.tools[1], { name: 'agents__spawn', input_schema: { type: 'object', properties: {} } });
  assert.match(request.tools[3]?.description ?? '', /^Edits\n\n[\s\S]*lark grammar:\nstart: "x"$/);
  assert.deepEqual(request.tools[3]?.input_schema['required'], ['input']);
  assert.deepEqual(
    [...reply.tools],
    [
      ['read', { kind: 'function', name: 'read' }],
      ['agents__spawn', { kind: 'function', name: 'spawn', namespace: 'agents' }],
      ['agents__read', { kind: 'function', name: 'read', namespace: 'agents' }],
      ['patch', { kind: 'custom', name: 'patch' }],
    ],
  );
});

test('names stay apart and within Anthropic’s alphabet', () => {
  const long = 'x'.repeat(200);
  const { request } = parse({
    tools: [
      { ...read, name: 'agents__spawn' },
      agents,
      { ...read, name: 'a.b/ü' },
      { ...patch, name: 'read' },
      { ...read, name: long },
      { ...read, name: `${long}y` },
    ],
  });
  const names = request.tools.map(({ name }) => name);
  assert.deepEqual(names.slice(0, 5), ['agents__spawn', 'agents__spawn_2', 'agents__read', 'a_b__', 'read']);
  assert.equal(new Set(names).size, names.length);
  for (const name of names) assert.match(name, /^[A-Za-z0-9_-]{1,128}$/);
});

test('calls in the history go by the names of their tools', () => {
  const call = { type: 'function_call', call_id: 'a', name: 'spawn', namespace: 'agents', arguments: '{}' };
  const { request } = parse({
    tools: [agents, patch],
    input: [
      { role: 'user', content: 'hi' },
      call,
      { ...call, call_id: 'b', namespace: undefined },
      { ...call, call_id: 'c', namespace: 'gone' },
      { type: 'custom_tool_call', call_id: 'd', name: 'patch', input: 'text' },
      ...['a', 'b', 'c', 'd'].map((call_id) => ({ type: 'function_call_output', call_id, output: '' })),
    ],
  });
  const uses = request.messages.flatMap(({ content }) => [...content].filter((block) => block.type === 'tool_use'));
  assert.deepEqual(
    uses.map(({ name, input }) => [name, input]),
    [
      ['agents__spawn', {}],
      ['agents__spawn', {}],
      ['gone__spawn', {}],
      ['patch', { input: 'text' }],
    ],
  );
});

test('hosted tools that are merely offered are left out and named', () => {
  const { request, ignored } = parse({
    tools: [{ type: 'web_search' }, read, { type: 'tool_search', execution: 'client' }],
  });
  assert.equal(request.tools.length, 1);
  assert.deepEqual(ignored, ['tools[0] (web_search)', 'tools[2] (tool_search)']);
});

test('tools may stand in the input', () => {
  const { request, ignored } = parse({
    tools: [read],
    input: [
      {
        type: 'additional_tools',
        role: 'developer',
        tools: [{ ...read, description: 'Newer' }, patch, { type: 'mcp' }],
      },
      { role: 'user', content: 'hi' },
    ],
  });
  assert.deepEqual(
    request.tools.map(({ name, description }) => [name, description?.split('\n')[0]]),
    [
      ['read', 'Newer'],
      ['patch', 'Edits'],
    ],
  );
  assert.deepEqual(ignored, ['input[0].tools[2] (mcp)']);
});

test('tool_choice', () => {
  const chosen = (tool_choice: unknown) => parse({ tools: [read, agents, patch], tool_choice }).request.toolChoice;
  assert.deepEqual(chosen(undefined), { type: 'auto' });
  assert.deepEqual(chosen('auto'), { type: 'auto' });
  assert.deepEqual(chosen('none'), { type: 'none' });
  assert.deepEqual(chosen('required'), { type: 'any' });
  assert.deepEqual(chosen({ type: 'function', name: 'read' }), { type: 'tool', name: 'read' });
  assert.deepEqual(chosen({ type: 'function', name: 'spawn' }), { type: 'tool', name: 'agents__spawn' });
  assert.deepEqual(chosen({ type: 'custom', name: 'patch' }), { type: 'tool', name: 'patch' });
});

test('allowed_tools leaves the others out', () => {
  const allowed = (mode: string, ...tools: object[]) => {
    const { request } = parse({ tools: [read, agents, patch], tool_choice: { type: 'allowed_tools', mode, tools } });
    return [request.toolChoice.type, ...request.tools.map(({ name }) => name)];
  };
  assert.deepEqual(allowed('auto', { type: 'custom', name: 'patch' }), ['auto', 'patch']);
  assert.deepEqual(allowed('required', { type: 'function', name: 'read' }, { type: 'mcp' }), ['any', 'read']);
  assert.deepEqual(allowed('auto', { type: 'namespace', name: 'agents' }), ['auto', 'agents__spawn', 'agents__read']);
});

test('what cannot be forced is refused', () => {
  const tools = [read, { type: 'web_search' }];
  refuses({ tools, tool_choice: { type: 'web_search_preview' } }, 'unsupported_parameter', 'tool_choice');
  refuses({ tools: [{ type: 'web_search' }], tool_choice: 'required' }, 'unsupported_parameter', 'tool_choice');
  refuses({ tool_choice: 'required' }, 'invalid_request', 'tool_choice');
  refuses({ tools, tool_choice: { type: 'function', name: 'x' } }, 'invalid_request', 'tool_choice.name');
  refuses({ tools, tool_choice: { type: 'custom', name: 'read' } }, 'invalid_request', 'tool_choice.name');
  refuses({ tools, tool_choice: 'sometimes' }, 'invalid_request', 'tool_choice');
  const allowed = { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'x' }] };
  refuses({ tools, tool_choice: allowed }, 'invalid_request', 'tool_choice.tools[0].name');
});

test('malformed tools are named by their path', () => {
  refuses({ tools: [{ name: 'x' }] }, 'invalid_request', 'tools[0].type');
  refuses({ tools: [read, { type: 'function' }] }, 'invalid_request', 'tools[1].name');
  refuses({ tools: [{ ...read, parameters: { type: 'string' } }] }, 'invalid_request', 'tools[0].parameters.type');
  refuses({ tools: [{ ...agents, tools: [{ type: 'custom' }] }] }, 'invalid_request', 'tools[0].tools[0].name');
});
