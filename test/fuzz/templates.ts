/** Requests as clients send them, to be changed in one place or another. `[[fake:…]]` makes the scripted CLI fail. */
export interface Template {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

const schema = {
  type: 'object',
  properties: { path: { type: 'string', pattern: '^/' }, lines: { type: 'array', items: { type: 'integer' } } },
  required: ['path'],
  additionalProperties: false,
};
const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

const CHAT = '/v1/chat/completions';
const MESSAGES = '/v1/messages';
const RESPONSES = '/v1/responses';

export const templates: readonly Template[] = [
  { path: CHAT, body: { model: 'sonnet', messages: [{ role: 'user', content: 'hi' }] } },
  {
    path: CHAT,
    body: {
      model: 'sonnet',
      stream: true,
      stream_options: { include_usage: true },
      temperature: 0.2,
      stop: ['END', '\n\n'],
      reasoning_effort: 'low',
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'what is this?' },
            { type: 'image_url', image_url: { url: `data:image/png;base64,${pixel}`, detail: 'low' } },
          ],
        },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'read', arguments: '{"path":"/a"}' } }],
        },
        { role: 'tool', tool_call_id: 'call_1', content: 'a pixel' },
      ],
      tools: [{ type: 'function', function: { name: 'read', description: 'Reads a file.', parameters: schema } }],
      tool_choice: 'auto',
    },
  },
  {
    path: CHAT,
    body: {
      model: 'haiku',
      messages: [{ role: 'user', content: 'as JSON' }],
      response_format: { type: 'json_schema', json_schema: { name: 'n', strict: true, schema } },
      functions: [{ name: 'f', parameters: schema }],
      function_call: { name: 'f' },
      session_id: 'fuzz',
      n: 1,
      user: 'u',
      metadata: { a: 'b' },
    },
  },
  { path: CHAT, body: { input: [{ role: 'user', content: 'x' }], instructions: 'y', max_output_tokens: 5 } },
  {
    path: MESSAGES,
    body: {
      model: 'claude-sonnet-4-6',
      max_tokens: 1024,
      stream: true,
      metadata: { user_id: 'user_1' },
      system: [
        { type: 'text', text: 'You are a tool.', cache_control: { type: 'ephemeral' } },
        { type: 'text', text: 'Be exact.' },
      ],
      thinking: { type: 'enabled', budget_tokens: 2048 },
      stop_sequences: ['</done>'],
      tools: [
        { name: 'Bash', description: 'Runs a command.', input_schema: schema },
        { type: 'bash_20250124', name: 'bash' },
        { type: 'web_search_20250305', name: 'web_search', max_uses: 3 },
      ],
      tool_choice: { type: 'auto', disable_parallel_tool_use: true },
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'list', cache_control: { type: 'ephemeral' } }] },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'hm', signature: 'sig' },
            { type: 'tool_use', id: 'toolu_1', name: 'Bash', input: { path: '/' } },
          ],
        },
        {
          role: 'user',
          content: [
            {
              type: 'tool_result',
              tool_use_id: 'toolu_1',
              is_error: false,
              content: [
                { type: 'text', text: 'a\nb' },
                { type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixel } },
              ],
            },
            { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'doc' }, title: 't' },
          ],
        },
      ],
    },
  },
  {
    path: MESSAGES,
    body: {
      model: 'opus',
      max_tokens: 10,
      messages: [{ role: 'user', content: 'x' }],
      output_config: { effort: 'low', format: { type: 'json_schema', schema } },
    },
  },
  { path: `${MESSAGES}/count_tokens`, body: { model: 'sonnet', messages: [{ role: 'user', content: 'how long?' }] } },
  { path: RESPONSES, body: { model: 'sonnet', input: 'hi', store: true, metadata: { k: 'v' } } },
  {
    path: RESPONSES,
    body: {
      model: 'gpt-5-codex',
      stream: true,
      store: false,
      instructions: 'You are a coding agent.',
      include: ['reasoning.encrypted_content'],
      parallel_tool_calls: true,
      prompt_cache_key: 'p',
      reasoning: { effort: 'medium', summary: 'auto' },
      text: { verbosity: 'low', format: { type: 'json_schema', name: 'n', schema } },
      tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'shell' }] },
      tools: [
        { type: 'function', name: 'shell', strict: false, parameters: schema },
        { type: 'custom', name: 'apply_patch', format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' } },
        { type: 'namespace', name: 'mcp__files', tools: [{ type: 'function', name: 'read', parameters: schema }] },
        { type: 'web_search', external_web_access: true },
      ],
      input: [
        { type: 'message', role: 'developer', content: [{ type: 'input_text', text: '<rules/>' }] },
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'go' }] },
        { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'ocp1.e30' },
        { type: 'function_call', call_id: 'c1', name: 'shell', arguments: '{"path":"/"}' },
        { type: 'function_call_output', call_id: 'c1', output: 'ok' },
        { type: 'custom_tool_call', call_id: 'c2', name: 'apply_patch', input: '*** Begin' },
        { type: 'custom_tool_call_output', call_id: 'c2', output: [{ type: 'input_text', text: 'done' }] },
      ],
    },
  },
  {
    path: RESPONSES,
    body: {
      model: 'sonnet',
      previous_response_id: 'resp_none',
      truncation: 'auto',
      input: [{ type: 'item_reference', id: 'msg_1' }],
    },
  },
  { path: `${RESPONSES}/input_tokens`, body: { model: 'sonnet', input: [{ role: 'user', content: 'x' }] } },
  {
    path: CHAT,
    body: { model: 'sonnet', messages: [{ role: 'user', content: '[[fake:{"exit":{"at":"query"}}]]' }] },
  },
  {
    path: MESSAGES,
    body: {
      model: 'sonnet',
      max_tokens: 9,
      stream: true,
      messages: [{ role: 'user', content: '[[fake:{"exit":{"at":"token"},"tokens":9}]]' }],
    },
  },
];
