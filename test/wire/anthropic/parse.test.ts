import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OcpError } from '../../../src/wire/errors.ts';
import type { ParsedRequest } from '../../../src/wire/surface.ts';
import type { MessagesReply } from '../../../src/wire/anthropic/parse.ts';
import { anthropicMessages } from '../../../src/wire/anthropic/surface.ts';

const png = 'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEklEQVR4nGP4z8CAFWEXHbQSACj/P8Fu7N9hAAAAAElFTkSuQmCC';
const imageBlock = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } };
const weather = { name: 'weather', description: 'Tells it', input_schema: { type: 'object', properties: {} } };

function parse(body: Record<string, unknown>, headers: Record<string, string> = {}): ParsedRequest<MessagesReply> {
  const user = { role: 'user', content: 'Hello' };
  return anthropicMessages.parse({ model: 'claude-x', max_tokens: 10, messages: [user], ...body }, headers);
}

function refusal(body: Record<string, unknown>): { code: string; param: string | undefined; message: string } {
  try {
    parse(body);
  } catch (error) {
    assert.ok(error instanceof OcpError, String(error));
    return { code: error.code, param: error.param, message: error.message };
  }
  assert.fail('the request was accepted');
}

test('a plain request becomes a request with every default in place', () => {
  assert.deepEqual(parse({}), {
    request: {
      model: 'claude-x',
      system: [],
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }],
      tools: [],
      toolChoice: { type: 'auto' },
      parallelToolUse: true,
      maxTokens: 10,
      stopSequences: [],
    },
    stream: false,
    ignored: [],
    reply: { model: 'claude-x' },
  });
});

test('system messages inside the conversation stay in their place, and their effort counts when no other is given', () => {
  const messages = [
    { role: 'user', content: 'One' },
    {
      role: 'system',
      content: [{ type: 'text', text: 'Note', cache_control: { type: 'ephemeral' } }],
      output_config: { effort: 'xhigh' },
    },
  ];
  const { request } = parse({ messages });
  assert.deepEqual(request.messages, [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'One' },
        { type: 'text', text: '<system-reminder>\nNote\n</system-reminder>' },
      ],
    },
  ]);
  assert.equal(request.effort, 'xhigh');
  assert.equal(parse({ messages, output_config: { effort: 'low' } }).request.effort, 'low');
});

test('thinking is kept as it was asked for, and what cannot be told is named', () => {
  const cases = [
    [{ type: 'disabled' }, []],
    [{ type: 'enabled', budget_tokens: 4095 }, []],
    [{ type: 'enabled', budget_tokens: 16_383, display: 'omitted' }, []],
    [{ type: 'adaptive', display: 'summarized' }, []],
    [{ type: 'between_tools' }, []],
  ] as const;
  for (const [thinking, ignored] of cases) {
    const parsed = parse({ thinking });
    assert.deepEqual(parsed.request.thinking, { exact: thinking, field: 'thinking' });
    assert.deepEqual([parsed.ignored, parsed.reply.showsThinking], [ignored, true]);
  }
  const bound = parse({ thinking: { type: 'adaptive', display: null, block_binding: {} } });
  assert.deepEqual(bound.request.thinking?.exact, { type: 'adaptive' });
  assert.deepEqual(bound.ignored, ['thinking.block_binding']);
  // Claude Code 2.1.333 asks for this kind first, under a beta of its own.
  const newer = parse({ thinking: { type: 'adaptive', display: 'updates' } });
  assert.deepEqual(newer.request.thinking?.exact, { type: 'adaptive' });
  assert.deepEqual(newer.ignored, ['thinking.display']);
});

test('tool results come first in their message and consecutive messages of a role are joined', () => {
  const call = {
    type: 'tool_use',
    id: 'toolu_1',
    name: 'weather',
    input: { city: 'Bern' },
    cache_control: { type: 'ephemeral' },
  };
  const { request } = parse({
    messages: [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: [{ type: 'thinking', thinking: 'hm', signature: 'sig' }] },
      { role: 'assistant', content: [{ type: 'thinking', thinking: 'so', signature: 'abc' }, call] },
      { role: 'system', content: 'Note' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'And?' },
          { type: 'text', text: ' ' },
        ],
      },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', is_error: true, content: 'no' }] },
    ],
  });
  assert.deepEqual(request.messages.slice(1), [
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'so', signature: 'abc' },
        { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Bern' } },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'toolu_1', content: [{ type: 'text', text: 'no' }], is_error: true },
        { type: 'text', text: '<system-reminder>\nNote\n</system-reminder>' },
        { type: 'text', text: 'And?' },
      ],
    },
  ]);
});

test('images, documents and search results reach the model', () => {
  const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } };
  const link = { type: 'image', source: { type: 'url', url: 'https://example.org/a.png' } };
  const notes = { type: 'text', media_type: 'text/plain', data: 'Notes' };
  const { request, ignored } = parse({
    messages: [
      {
        role: 'user',
        content: [
          { ...image, cache_control: { type: 'ephemeral' } },
          link,
          { type: 'document', source: notes, title: 'T', context: 'C', citations: { enabled: true } },
          { type: 'document', source: { type: 'content', content: [{ type: 'text', text: 'Inner' }, image] } },
          {
            type: 'search_result',
            source: 'https://example.org',
            title: 'Found',
            content: [{ type: 'text', text: 'It' }],
          },
        ],
      },
    ],
  });
  assert.deepEqual(request.messages[0]?.content, [
    image,
    link,
    { type: 'document', source: notes, title: 'T', context: 'C' },
    { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'Inner' } },
    image,
    { type: 'text', text: 'Found\nhttps://example.org\nIt' },
  ]);
  assert.deepEqual(ignored, ['content.document.citations']);
});

test('tools that Anthropic runs are left out by name, those that the client runs get their published parameters', () => {
  const { request, ignored } = parse({
    tools: [
      { type: 'web_search_20250305', name: 'web_search' },
      { ...weather, type: 'custom', strict: true, defer_loading: true, cache_control: { type: 'ephemeral' } },
      { type: 'bash_20250124', name: 'bash' },
      { type: 'text_editor_20250728', name: 'str_replace_based_edit_tool' },
      { type: 'memory_20250818', name: 'memory' },
      { type: 'mcp_toolset', mcp_server_name: 'x' },
    ],
  });
  assert.deepEqual(
    request.tools.map(({ name }) => name),
    ['weather', 'bash', 'str_replace_based_edit_tool', 'memory'],
  );
  assert.deepEqual(request.tools[0], weather);
  assert.ok(request.tools.every(({ input_schema }) => input_schema['type'] === 'object'));
  assert.deepEqual(ignored, ['tools.web_search_20250305', 'tools.mcp_toolset']);
});

test('what is left of a hosted tool in earlier turns is dropped by name', () => {
  const { request, ignored } = parse({
    messages: [
      { role: 'user', content: 'Search' },
      {
        role: 'assistant',
        content: [
          { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} },
          { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [] },
          { type: 'text', text: 'Found', citations: [] },
        ],
      },
      { role: 'user', content: 'Thanks' },
    ],
  });
  assert.deepEqual(request.messages[1]?.content, [{ type: 'text', text: 'Found' }]);
  assert.deepEqual(ignored, ['content.server_tool_use', 'content.web_search_tool_result']);
});

test('tool choice, output format, system prompt and ids are understood in all their forms', () => {
  const schema = { type: 'object', properties: { a: { type: 'string' } } };
  const parsed = parse(
    {
      tools: [weather],
      tool_choice: { type: 'tool', name: 'weather', disable_parallel_tool_use: true },
      output_format: { type: 'json_schema', schema },
      system: [
        { type: 'text', text: 'x-anthropic-billing-header: cc_version=1;' },
        { type: 'text', text: 'Be brief', cache_control: { type: 'ephemeral' } },
      ],
      metadata: { user_id: 'user_1_session_2' },
      temperature: 1,
      context_management: { edits: [] },
      mcp_servers: [],
      'od\r\nd': 1,
      stream: true,
      stop_sequences: ['END'],
    },
    { 'x-claude-code-session-id': 'not a conversation', 'x-session-id': 'mine' },
  );
  assert.deepEqual(parsed.request.toolChoice, { type: 'tool', name: 'weather' });
  assert.equal(parsed.request.parallelToolUse, false);
  assert.deepEqual(parsed.request.outputSchema, schema);
  assert.deepEqual(parsed.request.system, ['Be brief']);
  assert.deepEqual(parsed.request.stopSequences, ['END']);
  assert.equal(parsed.stream, true);
  assert.equal(parsed.conversationId, 'mine');
  assert.deepEqual(parsed.ignored, ['temperature', 'context_management', 'od__d']);
});

const call = (id: string) => ({ type: 'tool_use', id, name: 'weather', input: {} });
const result = (id: string) => ({ type: 'tool_result', tool_use_id: id, content: 'ok' });

const refused: readonly (readonly [string, Record<string, unknown>, string, string])[] = [
  ['no limit', { max_tokens: undefined }, 'invalid_request', 'max_tokens'],
  ['a limit of nothing', { max_tokens: 0 }, 'invalid_request', 'max_tokens'],
  ['no message', { messages: [] }, 'invalid_request', 'messages'],
  ['an unknown role', { messages: [{ role: 'tool', content: 'x' }] }, 'invalid_request', 'messages[0].role'],
  ['an empty message', { messages: [{ role: 'user', content: [] }] }, 'invalid_request', 'messages[0].content'],
  [
    'a field of the wrong kind in a block',
    { messages: [{ role: 'user', content: [{ type: 'text', text: 1 }] }] },
    'invalid_request',
    'messages[0].content[0].text',
  ],
  [
    'an uploaded file',
    { messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'file', file_id: 'file_1' } }] }] },
    'unsupported_parameter',
    'messages[0].content[0].source.type',
  ],
  [
    'an image inside a tool result that is none',
    {
      messages: [
        { role: 'user', content: 'x' },
        { role: 'assistant', content: [call('a')] },
        {
          role: 'user',
          content: [
            {
              ...result('a'),
              content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: '%' } }],
            },
          ],
        },
      ],
    },
    'invalid_request',
    'messages[2].content[0].content[0].source.data',
  ],
  [
    'a prefilled answer',
    {
      messages: [
        { role: 'user', content: 'x' },
        { role: 'assistant', content: '{' },
      ],
    },
    'invalid_request',
    'messages[1]',
  ],
  [
    'an answer first',
    {
      messages: [
        { role: 'assistant', content: 'x' },
        { role: 'user', content: 'y' },
      ],
    },
    'invalid_request',
    'messages[0]',
  ],
  [
    'a result without a call',
    { messages: [{ role: 'user', content: [result('toolu_1')] }] },
    'invalid_request',
    'messages[0].content[0]',
  ],
  [
    'a result twice',
    {
      messages: [
        { role: 'user', content: 'x' },
        { role: 'assistant', content: [call('a')] },
        { role: 'user', content: [result('a'), result('a')] },
      ],
    },
    'invalid_request',
    'messages[2].content[1]',
  ],
  [
    'two calls of one id in one message',
    {
      messages: [
        { role: 'user', content: 'x' },
        { role: 'assistant', content: [call('a'), call('a')] },
        { role: 'user', content: [result('a')] },
      ],
    },
    'invalid_request',
    'messages[1].content[1].id',
  ],
  [
    'a call without a result',
    {
      messages: [
        { role: 'user', content: 'x' },
        { role: 'assistant', content: [call('a'), call('b')] },
        { role: 'user', content: [result('a')] },
      ],
    },
    'invalid_request',
    'messages[1].content[1]',
  ],
  [
    'more images than the API takes of every model',
    { messages: [{ role: 'user', content: Array.from({ length: 101 }, () => imageBlock) }] },
    'invalid_request',
    'messages',
  ],
  ['a tool without a schema', { tools: [{ name: 'x' }] }, 'invalid_request', 'tools[0].input_schema'],
  ['two tools of one name', { tools: [weather, weather] }, 'invalid_request', 'tools[1].name'],
  [
    'a computer',
    { tools: [{ type: 'computer_20250124', name: 'computer' }] },
    'unsupported_parameter',
    'tools[0].type',
  ],
  [
    'a forced hosted tool',
    { tools: [{ type: 'web_search_20250305', name: 'web_search' }], tool_choice: { type: 'tool', name: 'web_search' } },
    'unsupported_parameter',
    'tool_choice.name',
  ],
  [
    'a forced tool that is not there',
    { tools: [weather], tool_choice: { type: 'tool', name: 'y' } },
    'invalid_request',
    'tool_choice.name',
  ],
  ['any tool of none', { tool_choice: { type: 'any' } }, 'invalid_request', 'tool_choice'],
  [
    'too small a thinking budget',
    { thinking: { type: 'enabled', budget_tokens: 10 } },
    'invalid_request',
    'thinking.budget_tokens',
  ],
];

for (const [name, body, code, param] of refused) {
  test(`refused with its place: ${name}`, () => {
    const { code: actual, param: place } = refusal(body);
    assert.deepEqual([actual, place], [code, param]);
  });
}
