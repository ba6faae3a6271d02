import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { toolAnswer } from '../../simulator/index.ts';
import { cleaned } from '../../src/claude/form/clean.ts';
import { mcpInitializeResult } from '../../src/claude/setup.ts';
import { png } from '../../test/support/media.ts';
import type { Cli, Line } from './support/cli.ts';
import { lineOf, requestOf } from './support/cli.ts';
import { openSite } from './support/site.ts';
import type { Site } from './support/site.ts';
import { answered, asked, bodyOf, initialize, past } from './support/told.ts';

type Json = Readonly<Record<string, unknown>>;

/** What the CLI alters of what it is told: the rows of src/claude/form/alterations.ts. */
suite('what the CLI alters', () => {
  let site: Site;
  before(async () => {
    site = await openSite();
    site.simulator.setScript([
      { when: { text: 'call', hasToolResults: false }, reply: toolAnswer({ name: 'f', input: {} }) },
    ]);
  });
  after(async () => site[Symbol.asyncDispose]());

  const tool = (name: string, inputSchema: Json, description = 'd'): Json => ({
    name,
    description,
    inputSchema,
    annotations: { readOnlyHint: true },
  });
  const ok = tool('ok', { type: 'object', properties: {} });

  async function start(tools: readonly Json[]): Promise<Cli> {
    const cli = site.start();
    cli.serveTools(tools);
    await cli.ask({
      ...initialize(),
      sdkMcpServers: ['ocp'],
      sdkMcpServerManifests: { ocp: { initializeResult: mcpInitializeResult, toolsListResult: { tools } } },
    });
    return cli;
  }

  /** The request that the CLI makes of some tools, after a history; undefined where it makes none. */
  async function sent(
    tools: readonly Json[],
    content: readonly Json[] = [{ type: 'text', text: 'hi' }],
    history: readonly (readonly Json[])[] = [],
  ): Promise<{ readonly shown: readonly string[]; readonly body: Json }> {
    const cli = await start(tools);
    cli.answerHooks();
    for (const [at, blocks] of history.entries()) {
      if (at % 2 === 0) await cli.turn(past(blocks));
      else cli.tell(answered(blocks, `msg_${at}`));
    }
    const lines = await cli.turn(asked(content));
    const record = site.simulator.log.messages().findLast(({ body }) => JSON.stringify(body).includes(cli.cwd));
    await cli.stop();
    const shown = (lineOf(lines, 'system', 'init')?.['tools'] ?? []) as readonly string[];
    return { shown, body: bodyOf(record) };
  }

  const toolsOf = (body: Json): readonly Json[] => (body['tools'] ?? []) as readonly Json[];
  const schemaOf = (body: Json, name: string): Json =>
    (toolsOf(body).find((one) => one['name'] === name)?.['input_schema'] ?? {}) as Json;

  test('cleans every text of a tool as OCP foresees', async () => {
    const odd = 'm² … \u200d👨‍👩‍👧 \u202eﬁ ＡＢＣ e\u0301 \u00a0 \ue000 \ufeff\u2028 é 🌍 \t';
    const { body } = await sent([
      tool('m²', { type: 'object', properties: { a: { type: 'object', properties: { ﬁ: { enum: [odd] } } } } }, odd),
    ]);
    const [only] = toolsOf(body);
    assert.deepEqual([only?.['name'], only?.['description']], ['m2', cleaned(odd)]);
    const expected = { a: { type: 'object', properties: { fi: { enum: [cleaned(odd)] } } } };
    assert.deepEqual(schemaOf(body, 'm2')['properties'], expected);
  });

  test('leaves out a tool with a property that the API does not take', async () => {
    const deep = tool('deep', { type: 'object', properties: { a: { type: 'object', properties: { $filter: {} } } } });
    const bad = ['$filter', 'filter[name]', 'k'.repeat(65), ''].map((key, at) =>
      tool(`bad${at}`, { type: 'object', properties: { [key]: {} } }),
    );
    const { shown } = await sent([ok, deep, ...bad]);
    assert.deepEqual(shown.toSorted(), ['deep', 'ok']);
  });

  test('loses a property named __proto__', async () => {
    const properties = JSON.parse('{"__proto__":{},"constructor":{}}') as Json;
    const { body } = await sent([tool('f', { type: 'object', properties })]);
    assert.deepEqual(Object.keys(schemaOf(body, 'f')['properties'] as Json), ['constructor']);
  });

  test('leaves out a tool whose name is too long', async () => {
    const names = ['x'.repeat(128), 'y'.repeat(129)];
    const { body } = await sent([ok, ...names.map((name) => tool(name, { type: 'object' }))]);
    const kept = new Set(toolsOf(body).map((one) => one['name']));
    assert.deepEqual(kept, new Set(['ok', names[0]]));
  });

  test('leaves out a tool whose schema is not of the draft', async () => {
    const faults: readonly unknown[] = [
      { type: 'number', minimum: 1, exclusiveMinimum: true },
      { type: 'any' },
      { type: 'object', required: 'a' },
      { type: 'array', items: [{}] },
      { enum: 'a' },
      'text',
      null,
    ];
    const bad = faults.map((a, at) => tool(`bad${at}`, { type: 'object', properties: { a } }));
    const right = tool('right', { type: 'object', properties: { a: true, b: { enum: [] }, c: { pattern: '(' } } });
    const { shown } = await sent([ok, right, ...bad]);
    assert.deepEqual(shown.toSorted(), ['ok', 'right']);
  });

  test('joins what a schema combines at its top', async () => {
    const anyOf = [{ properties: { a: {} }, required: ['a'] }, { properties: { b: {} } }];
    const { body } = await sent([tool('f', { type: 'object', anyOf })]);
    const { properties, required, anyOf: kept } = schemaOf(body, 'f');
    assert.deepEqual([properties, required, kept], [{ a: {}, b: {} }, [], undefined]);
  });

  test('replaces a result where one id looks like a repeat of another', async () => {
    const results = async (first: string, second: string): Promise<string> => {
      const turn = (id: string, text: string): readonly (readonly Json[])[] => [
        [{ type: 'tool_use', id, name: 'ok', input: {} }],
        [{ type: 'tool_result', tool_use_id: id, content: [{ type: 'text', text }] }],
      ];
      const history = [[{ type: 'text', text: 'go' }], ...turn(first, 'r1'), ...turn(second, 'r2')];
      const { body } = await sent([ok], [{ type: 'text', text: 'on' }], [...history, [{ type: 'text', text: 'ok' }]]);
      return JSON.stringify(body['messages']);
    };
    assert.doesNotMatch(await results('call_0', 'call_0_2'), /"r2"/u);
    assert.match(await results('call_0', 'toolu_ocp0'), /"r1".*"r2"/u);
  });

  test('makes large images smaller, and none that is not', async () => {
    const isKept = async (data: string): Promise<boolean> => {
      const source = { type: 'base64', media_type: 'image/png', data };
      const { body } = await sent(
        [],
        [
          { type: 'image', source },
          { type: 'text', text: 'see' },
        ],
      );
      return JSON.stringify(body['messages']).includes(data);
    };
    assert.deepEqual([await isKept(png(2000, 10)), await isKept(png(9, 9, 510_000))], [true, true]);
    assert.deepEqual([await isKept(png(2001, 10)), await isKept(png(9, 9, 520_000))], [false, false]);
  });

  test('puts a text in the place of what is no image', async () => {
    const source = { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' };
    const { body } = await sent(
      [],
      [
        { type: 'image', source },
        { type: 'text', text: 'see' },
      ],
    );
    assert.match(JSON.stringify(body['messages']), /\[Image could not be processed/u);
  });

  test('changes blank results, and the ends of failed ones, that it fetches itself', async () => {
    const fetched = async (text: string, isError: boolean): Promise<string> => {
      const cli = await start([tool('f', { type: 'object', properties: {} })]);
      const from = cli.lines.length;
      cli.tell(asked(`call ${cli.cwd}`));
      const permission = await cli.question('can_use_tool', from);
      cli.reply(permission, { behavior: 'allow', updatedInput: {} });
      const run = await cli.toolCall(from);
      const { id } = requestOf(run)['message'] as Line;
      const result = { content: [{ type: 'text', text }], isError };
      cli.reply(run, { mcp_response: { jsonrpc: '2.0', id, result } });
      cli.reply(await cli.question('hook_callback', from), {});
      await cli.line((line) => line['type'] === 'result', from);
      const record = site.simulator.log.messages().findLast(({ body }) => JSON.stringify(body).includes(cli.cwd));
      await cli.stop();
      return JSON.stringify(bodyOf(record)['messages']);
    };
    const odd = ' m² \u200d ﬁ \n';
    assert.ok((await fetched(odd, false)).includes(JSON.stringify(odd)));
    assert.ok((await fetched(odd, true)).includes(JSON.stringify(odd.trim())));
    assert.match(await fetched('', false), /completed with no output/u);
  });

  test('reads numbers as doubles, and the last of two members of one name', async () => {
    const cli = await start([ok]);
    cli.answerHooks();
    await cli.turn(past([{ type: 'text', text: 'go' }]));
    const raw = '{"id":9007199254740993,"fraction":0.12345678901234567891,"zero":-0,"huge":1e400,"twice":1,"twice":2}';
    const call = JSON.stringify(answered([{ type: 'tool_use', id: 'toolu_a', name: 'ok', input: 'RAW' }], 'msg_1'));
    cli.tellAsWritten(call.replace('"RAW"', raw));
    await cli.turn(past([{ type: 'tool_result', tool_use_id: 'toolu_a', content: [{ type: 'text', text: 'r' }] }]));
    cli.tell(answered([{ type: 'text', text: 'ok' }], 'msg_2'));
    await cli.turn(asked([{ type: 'text', text: 'on' }]));
    const record = site.simulator.log.messages().findLast(({ body }) => JSON.stringify(body).includes(cli.cwd));
    await cli.stop();
    const sentInput = '"input":{"id":9007199254740992,"fraction":0.12345678901234568,"zero":0,"huge":null,"twice":2}';
    assert.ok(JSON.stringify(bodyOf(record)['messages']).includes(sentInput));
  });
});
