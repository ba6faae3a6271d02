import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { JsonObject, JsonValue } from '../../src/wire/json.ts';
import { lastSent, script, sentBody, systemOf } from '../http/chat-support.ts';
import { conformance, sentTools, usual, ways } from './support.ts';
import { png } from '../support/media.ts';

/**
 * Any conversation that a client may send reaches the API as it was sent, and the answer comes back in the client's own words.
 * Nothing here knows how OCP maps: tools and properties are found again by their descriptions, values by their place in `enum`,
 * results by their place behind their calls.
 */

/** Another one can be given, to see a failure again. */
const seed = Number(process.env['ODD_SEED'] ?? 20_261_201);
/** A conversation costs a second or two: the worker cannot be emptied for the next one, whose tools are others. */
const RUNS_OF_EACH_WAY = Number(process.env['ODD_RUNS'] ?? 3);

interface Tool {
  readonly name: string;
  readonly keys: readonly string[];
  readonly units: readonly string[];
}
interface Call {
  readonly id: string;
  readonly tool: Tool;
  readonly input: JsonObject;
  readonly result: string;
}
interface Turn {
  readonly user: readonly string[];
  readonly hasImage: boolean;
  readonly note: string | undefined;
  readonly said: string;
  readonly calls: readonly Call[];
}
interface Talk {
  readonly system: string;
  readonly tools: readonly Tool[];
  readonly turns: readonly Turn[];
  readonly answer: Call;
  readonly cuts: readonly number[];
}

const image = png(1, 1);
const plainNames = [
  'f',
  'a_b',
  'ToolSearch',
  'StructuredOutput',
  'ocp_a_b_0123456789',
  'Bash',
  'mcp__ocp__f',
  'x'.repeat(128),
];
const oddNames = ['a.b', 'a b', 'a/b', 'm²', 'ü', 'x'.repeat(129), 'mcp__ocp__a.b'];
const plainIds = [
  'call_0',
  'call_0_2',
  'call_0_1',
  'toolu',
  'toolu_1',
  'x',
  'x_1',
  'x_1_2',
  'a_b',
  'calltoolu1',
  'toolu_ocp0',
];
const oddIds = ['a.b', 'a:b', 'functions.f:0', ' ', 'ü', 'x'.repeat(300)];
const keys = [
  '$filter',
  'filter',
  'filter[name]',
  'm²',
  'm2',
  '__proto__',
  'constructor',
  'a b',
  'a.b',
  'a_b',
  '',
  'ok',
];
const units = ['m²', 'm2', 'ﬁ', 'fi', '…', 'e\u0301', '\u200d', 'plain', '"\\'];
const words = fc.oneof(
  fc.constantFrom('', ' ', ' \n', 'm² ﬁ…', '\u200d\ufeff', '<b>&amp;', 'a\u0000b', '😀 é', '\\u0041 "', 'Human: hi'),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
);

function talks(isStrict: boolean): fc.Arbitrary<Talk> {
  const name = fc.constantFrom(...plainNames, ...(isStrict ? [] : oddNames));
  const id = fc.constantFrom(...plainIds, ...(isStrict ? [] : oddIds));
  const tool = fc.record({
    name,
    keys: fc.uniqueArray(fc.constantFrom(...keys), { minLength: 2, maxLength: 5 }),
    units: fc.uniqueArray(fc.constantFrom(...units), { minLength: 1, maxLength: 5 }),
  });
  return fc.uniqueArray(tool, { minLength: 1, maxLength: 4, selector: (one) => one.name }).chain((tools) => {
    const call = fc
      .constantFrom(...tools)
      .chain((one) => fc.record({ id, tool: fc.constant(one), input: inputs(one), result: words }));
    const turn = fc.record({
      user: fc.array(words, { maxLength: 3 }),
      hasImage: fc.boolean(),
      note: fc.option(words, { nil: undefined }),
      said: words,
      calls: fc.uniqueArray(call, { maxLength: 3, selector: (one) => one.id }),
    });
    return fc.record({
      system: words,
      tools: fc.constant(tools),
      turns: fc.array(turn, { maxLength: 4 }),
      answer: call,
      cuts: fc.array(fc.nat(), { maxLength: 8 }),
    });
  });
}

/** The first property has allowed values, the others hold anything. */
function inputs({ keys: [first = '', ...others], units: values }: Tool): fc.Arbitrary<JsonObject> {
  const free = fc.oneof(words, fc.integer(), fc.boolean(), fc.array(fc.constantFrom(...units), { maxLength: 2 }));
  return fc
    .tuple(fc.constantFrom(...values), fc.tuple(...others.map(() => free)))
    .map(([unit, members]) =>
      Object.fromEntries([
        [first, unit] as const,
        ...others.map((key, at): [string, JsonValue] => [key, members[at] ?? null]),
      ]),
    );
}

function schemaOf({ keys: names, units: values }: Tool): JsonObject {
  const entries = names.map((key, at) => [key, { title: `property ${at}`, ...(at === 0 ? { enum: values } : {}) }]);
  return { type: 'object', properties: Object.fromEntries(entries) as JsonObject };
}

/** A text as it is sent: never blank but where it was drawn so, and never like another one. */
const marked = (text: string, at: string): string => (text.trim() === '' ? text : `${at} ${text}`);

type Items = readonly (readonly [kind: string, ...values: unknown[]])[];

/** What the API should get, in order. */
function expected({ turns }: Talk): Items {
  const items: [string, ...unknown[]][] = [];
  const text = (role: string, written: string): void => {
    if (written.trim() !== '') items.push([role, written]);
  };
  for (const [at, { user, hasImage, note, said, calls }] of turns.entries()) {
    for (const [nth, one] of user.entries()) text('user', marked(one, `u${at}.${nth}`));
    if (hasImage) items.push(['image', image]);
    items.push(['user', `u${at}!`]);
    if (note !== undefined) text('system', marked(note, `n${at}`));
    text('assistant', marked(said, `a${at}`));
    items.push(['assistant', `a${at}!`]);
    for (const { tool, input } of calls) items.push(['call', tool.name, input]);
    for (const { result } of calls) items.push(['result', result.trim() === '' ? '' : result]);
  }
  items.push(['user', 'The question']);
  return items;
}

const bodies: Readonly<Record<string, (talk: Talk) => Readonly<Record<string, unknown>>>> = {
  'chat completions': ({ system, turns }) => ({
    messages: [
      { role: 'system', content: `S ${system}` },
      ...turns.flatMap(({ user, hasImage, note, said, calls }, at) => [
        {
          role: 'user',
          content: [
            ...user.map((one, nth) => ({ type: 'text', text: marked(one, `u${at}.${nth}`) })),
            ...(hasImage ? [{ type: 'image_url', image_url: { url: `data:image/png;base64,${image}` } }] : []),
            { type: 'text', text: `u${at}!` },
          ],
        },
        ...(note === undefined ? [] : [{ role: 'developer', content: marked(note, `n${at}`) }]),
        {
          role: 'assistant',
          content: [marked(said, `a${at}`), `a${at}!`].map((text) => ({ type: 'text', text })),
          ...(calls.length === 0
            ? {}
            : {
                tool_calls: calls.map(({ id, tool, input }) => ({
                  id,
                  type: 'function',
                  function: { name: tool.name, arguments: JSON.stringify(input) },
                })),
              }),
        },
        ...calls.map(({ id, result }) => ({ role: 'tool', tool_call_id: id, content: result })).toReversed(),
      ]),
      { role: 'user', content: 'The question' },
    ],
  }),
  responses: ({ system, turns }) => ({
    instructions: `S ${system}`,
    input: [
      ...turns.flatMap(({ user, hasImage, note, said, calls }, at) => [
        {
          role: 'user',
          content: [
            ...user.map((one, nth) => ({ type: 'input_text', text: marked(one, `u${at}.${nth}`) })),
            ...(hasImage ? [{ type: 'input_image', image_url: `data:image/png;base64,${image}` }] : []),
            { type: 'input_text', text: `u${at}!` },
          ],
        },
        ...(note === undefined ? [] : [{ role: 'developer', content: marked(note, `n${at}`) }]),
        {
          type: 'message',
          role: 'assistant',
          content: [marked(said, `a${at}`), `a${at}!`].map((text) => ({ type: 'output_text', text })),
        },
        ...calls.map(({ id, tool, input }) => ({
          type: 'function_call',
          call_id: id,
          name: tool.name,
          arguments: JSON.stringify(input),
        })),
        ...calls.map(({ id, result }) => ({ type: 'function_call_output', call_id: id, output: result })).toReversed(),
      ]),
      { role: 'user', content: 'The question' },
    ],
  }),
  messages: ({ system, turns }) => ({
    system: `S ${system}`,
    messages: [
      ...turns.flatMap(({ user, hasImage, note, said, calls }, at) => [
        {
          role: 'user',
          content: [
            ...user
              .map((one, nth) => ({ type: 'text', text: marked(one, `u${at}.${nth}`) }))
              .filter(({ text }) => text.trim() !== ''),
            ...(hasImage ? [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: image } }] : []),
            { type: 'text', text: `u${at}!` },
          ],
        },
        ...(note === undefined || note.trim() === '' ? [] : [{ role: 'system', content: marked(note, `n${at}`) }]),
        {
          role: 'assistant',
          content: [
            ...[marked(said, `a${at}`), `a${at}!`].flatMap((text) =>
              text.trim() === '' ? [] : [{ type: 'text', text }],
            ),
            ...calls.map(({ id, tool, input }) => ({ type: 'tool_use', id, name: tool.name, input })),
          ],
        },
        ...(calls.length === 0
          ? []
          : [
              {
                role: 'user',
                content: calls
                  .map(({ id, result }) => ({ type: 'tool_result', tool_use_id: id, content: result }))
                  .toReversed(),
              },
            ]),
      ]),
      { role: 'user', content: 'The question' },
    ],
  }),
};

interface Known {
  readonly tool: Tool;
  readonly keys: ReadonlyMap<string, string>;
  /** By what the model sees. */
  readonly units: ReadonlyMap<string, string>;
}

/** The client's tools by the names under which the API got them. */
function known(record: Parameters<typeof sentTools>[0], tools: readonly Tool[]): ReadonlyMap<string, Known> {
  return new Map(
    sentTools(record).map((sent) => {
      const tool = tools[Number(/tool (\d+)/.exec(sent.description ?? '')?.[1])] ?? assert.fail('an unknown tool');
      const properties = Object.entries(sent.input_schema['properties'] ?? {}) as [string, JsonObject][];
      const place = ({ title }: JsonObject): number => Number((title as string).split(' ')[1]);
      const allowed = properties.find(([, property]) => place(property) === 0)?.[1]['enum'] as readonly string[];
      const own = { tool, units: new Map(allowed.map((unit, at) => [unit, tool.units[at] ?? ''])) };
      return [
        sent.name,
        { ...own, keys: new Map(properties.map(([key, one]) => [key, tool.keys[place(one)] ?? '?'])) },
      ];
    }),
  );
}

function decoded(input: JsonObject, { tool, keys: names, units: values }: Known): JsonObject {
  return Object.fromEntries(
    Object.entries(input).map(([key, value]) => {
      const name = names.get(key) ?? `?${key}`;
      return [name, name === tool.keys[0] ? (values.get(value as string) ?? 'not allowed') : value];
    }),
  );
}

function encoded(input: JsonObject, { tool, keys: names, units: values }: Known): JsonObject {
  const back = (map: ReadonlyMap<string, string>, wanted: string): string =>
    [...map].find(([, client]) => client === wanted)?.[0] ?? assert.fail('not offered');
  return Object.fromEntries(
    Object.entries(input).map(([name, value]) => [
      back(names, name),
      name === tool.keys[0] ? back(values, value as string) : value,
    ]),
  );
}

/** What the API got, in the client's words; the CLI's own notes are left out. */
function received(record: Parameters<typeof sentBody>[0], tools: ReadonlyMap<string, Known>): Items {
  const items: [string, ...unknown[]][] = [];
  let open: string[] = [];
  const used = new Set<unknown>();
  for (const { role, content } of sentBody(record).messages) {
    if (role === 'system') continue;
    const results = new Map<unknown, string>();
    for (const block of content) {
      const text = String(block['text']);
      const note = /^<system-reminder>\n(n\d+ [^]*)\n<\/system-reminder>$/.exec(text);
      if (block['type'] === 'text') {
        if (note !== null) items.push(['system', note[1]]);
        else if (!/^<(?:system-reminder|command-name|local-command-)/.test(text)) items.push([role, text]);
      } else if (block['type'] === 'image') {
        items.push(['image', (block['source'] as { readonly data: string }).data]);
      } else if (block['type'] === 'tool_use') {
        const tool = tools.get(String(block['name'])) ?? assert.fail('a call of no tool that was offered');
        assert.ok(!used.has(block['id']), 'ids are unique');
        used.add(block['id']);
        open.push(String(block['id']));
        items.push(['call', tool.tool.name, decoded(block['input'] as JsonObject, tool)]);
      } else {
        const inner = block['content'] ?? '';
        const said =
          typeof inner === 'string' ? inner : (inner as { text: string }[]).map((part) => part.text).join('');
        results.set(block['tool_use_id'], said.trim() === '' ? '' : said);
        if (results.size === open.length) {
          for (const id of open) items.push(['result', results.get(id)]);
          open = [];
        }
      }
    }
  }
  return items;
}

conformance('odd conversations', usual, (ocp) => {
  for (const [at, { driver, stream, title }] of ways.entries()) {
    test(`reach the API as they were sent, and are answered in their own words (${title})`, async (t) => {
      t.diagnostic(`ODD_SEED=${seed}`);
      const property = fc.asyncProperty(talks(driver.name === 'messages'), async (talk) => {
        script(ocp(), {
          reply: () => {
            const record = ocp().simulator.log.messages().at(-1);
            const [name, tool] =
              [...known(record, talk.tools)].find(([, one]) => one.tool === talk.answer.tool) ??
              assert.fail('not offered');
            const json = JSON.stringify(encoded(talk.answer.input, tool));
            const places = [0, ...talk.cuts.map((cut) => cut % json.length).toSorted((a, b) => a - b), json.length];
            const pieces = places.slice(1).map((end, nth) => json.slice(places[nth], end));
            return { kind: 'message', content: [{ type: 'tool_use', name, pieces }] };
          },
        });
        const tools = talk.tools.map((tool, nth) => ({
          name: tool.name,
          description: `tool ${nth}`,
          schema: schemaOf(tool),
        }));
        const extra = bodies[driver.name]?.(talk) ?? {};
        const answer = await driver.ask(ocp(), { stream, tools, entries: [], extra });
        const record = ocp().simulator.log.messages().at(-1);
        assert.deepEqual(received(record, known(record, talk.tools)), expected(talk));
        assert.ok(systemOf(lastSent(ocp())).includes(`S ${talk.system}`.trim()));
        const [call, ...more] = answer.calls;
        assert.deepEqual([call?.name, more.length], [talk.answer.tool.name, 0]);
        assert.deepEqual(JSON.parse(call?.json ?? ''), talk.answer.input);
      });
      await fc.assert(property, { seed: seed + at, numRuns: RUNS_OF_EACH_WAY, endOnFailure: true });
    });
  }
});
