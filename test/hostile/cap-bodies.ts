/** Bodies as large as may be, in the shapes that cost most at each step: parsing, reading, writing for the CLI. */
export interface CapBody {
  readonly name: string;
  readonly path: string;
  readonly make: () => unknown;
}

/** Characters of one text and of a whole body below the default limit of 32 MB. */
const CHARACTERS = 31_000_000;
/** Brackets and commas of a body below the default limit of 200 000. */
const VALUES = 190_000;

const user = (content: unknown): object => ({ role: 'user', content });
const chat = (messages: unknown, fields: object = {}): object => ({ model: 'sonnet', messages, ...fields });
const messages = (list: unknown, fields: object = {}): object => ({
  model: 'sonnet',
  max_tokens: 9,
  messages: list,
  ...fields,
});
const responses = (input: unknown, fields: object = {}): object => ({
  model: 'sonnet',
  input,
  store: false,
  ...fields,
});

function many<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: Math.floor(count) }, (_, index) => make(index));
}

/** Assistant messages with a call each, and behind each its result, in the words of Chat. */
const calls = (count: number): unknown[] => [
  user('x'),
  ...many(count, (index) => [
    {
      role: 'assistant',
      tool_calls: [{ id: `c${index}`, type: 'function', function: { name: 'f', arguments: '{"a":1}' } }],
    },
    { role: 'tool', tool_call_id: `c${index}`, content: 'y' },
  ]).flat(),
];

const text = (): string => 'lorem ipsum '.repeat(CHARACTERS / 12);

const CHAT = '/v1/chat/completions';
const MESSAGES = '/v1/messages';
const RESPONSES = '/v1/responses';

export const capBodies: readonly CapBody[] = [
  { name: 'Chat: one long text', path: CHAT, make: () => chat([user(text())]) },
  { name: 'Messages: one long text', path: MESSAGES, make: () => messages([user(text())]) },
  { name: 'Responses: one long text', path: RESPONSES, make: () => responses(text()) },
  { name: 'counting: one long text', path: `${MESSAGES}/count_tokens`, make: () => messages([user(text())]) },
  { name: 'Messages: a long system prompt', path: MESSAGES, make: () => messages([user('x')], { system: text() }) },
  {
    name: 'Chat: a large PDF',
    path: CHAT,
    make: () => chat([user([{ type: 'file', file: { file_data: `JVBERi${'A'.repeat(CHARACTERS)}` } }])]),
  },
  {
    name: 'Chat: an image beyond the limit',
    path: CHAT,
    make: () =>
      chat([
        user([
          { type: 'image_url', image_url: { url: `data:image/png;base64,iVBORw0KGg${'A\n'.repeat(CHARACTERS / 4)}` } },
        ]),
      ]),
  },
  { name: 'Chat: the most messages', path: CHAT, make: () => chat(many(VALUES / 3, () => user('x'))) },
  { name: 'Messages: the most messages', path: MESSAGES, make: () => messages(many(VALUES / 3, () => user('x'))) },
  { name: 'Responses: one long text, kept', path: RESPONSES, make: () => responses(text(), { store: true }) },
  {
    name: 'Responses: long instructions, repeated in each event',
    path: RESPONSES,
    make: () => responses('x', { instructions: text(), stream: true }),
  },
  { name: 'Responses: the most items', path: RESPONSES, make: () => responses(many(VALUES / 3, () => user('x'))) },
  { name: 'Chat: the most calls', path: CHAT, make: () => chat([...calls(VALUES / 16), user('x')]) },
  {
    name: 'Messages: the most blocks',
    path: MESSAGES,
    make: () => messages(many(3, () => user(many(20_000, () => ({ type: 'text', text: 'x' }))))),
  },
  {
    name: 'Messages: the most tools',
    path: MESSAGES,
    make: () =>
      messages([user('x')], { tools: many(10_000, (i) => ({ name: `t${i}`, input_schema: { type: 'object' } })) }),
  },
  {
    name: 'Chat: the widest arguments',
    path: CHAT,
    make: () =>
      chat([
        user('x'),
        {
          role: 'assistant',
          tool_calls: [
            {
              id: 'a',
              type: 'function',
              function: { name: 'f', arguments: `{"a":[${'{},'.repeat(CHARACTERS / 3)}0]}` },
            },
          ],
        },
        { role: 'tool', tool_call_id: 'a', content: 'y' },
      ]),
  },
  {
    name: 'Messages: the widest input of a call',
    path: MESSAGES,
    make: () =>
      messages([
        user('x'),
        {
          role: 'assistant',
          content: [{ type: 'tool_use', id: 'a', name: 'f', input: { a: many(VALUES / 2, () => ({})) } }],
        },
        user([{ type: 'tool_result', tool_use_id: 'a', content: 'y' }]),
      ]),
  },
  {
    name: 'Chat: a schema of its most values',
    path: CHAT,
    make: () =>
      chat([user('x')], {
        response_format: {
          type: 'json_schema',
          json_schema: {
            name: 'n',
            schema: { type: 'object', properties: Object.fromEntries(many(VALUES / 3, (i) => [`k${i}`, {}])) },
          },
        },
      }),
  },
];

/** Bodies beyond the caps, for those who may not come in at all, and for those who may. */
export const beyondBodies: readonly { readonly name: string; readonly text: () => string }[] = [
  { name: 'the most values', text: () => `[${'{},'.repeat(10_000_000)}0]` },
  { name: 'the most levels', text: () => `${'['.repeat(15_000_000)}${']'.repeat(15_000_000)}` },
  { name: 'one long text', text: () => `"${'a'.repeat(CHARACTERS)}"` },
];
