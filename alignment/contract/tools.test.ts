import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { RequestRecord } from '../../simulator/index.ts';
import { toolAnswer } from '../../simulator/index.ts';
import { MAX_HELD_RESULT_CHARACTERS } from '../../src/claude/packed/setup-parts.ts';
import type { Cli, Line } from './support/cli.ts';
import { eventsOf, lineOf, messageOf, part, requestOf, textOf } from './support/cli.ts';
import { openSite } from './support/site.ts';
import type { Site } from './support/site.ts';
import { asked, bodyOf, initialize, setUp, sentMessages, tool } from './support/told.ts';

suite('tools of a client', { concurrency: 2 }, () => {
  let site: Site;
  before(async () => {
    site = await openSite();
    site.simulator.setScript([
      { when: { text: 'call once', hasToolResults: false }, reply: toolAnswer({ name: 'look', input: { at: 'x' } }) },
      {
        when: { text: 'call twice', hasToolResults: false },
        reply: toolAnswer({ name: 'look', input: { at: 'x' } }, { name: 'hear', input: { at: 'y' } }),
      },
    ]);
  });
  after(async () => site[Symbol.asyncDispose]());

  const calls = (cli: Cli): number =>
    site.simulator.log.messages().filter(({ body }) => JSON.stringify(body).includes(cli.cwd)).length;

  const callOf = (cli: Cli): RequestRecord | undefined =>
    site.simulator.log.messages().find(({ body }) => JSON.stringify(body).includes(cli.cwd));

  /** A question under the name of its process, so that its calls of the API can be told apart. */
  const question = (cli: Cli, text: string): object => asked(`${text} in ${cli.cwd}`);

  test('are taken over with the set-up, under their own names and without a further question', async () => {
    const cli = site.start();
    const reply = await setUp(cli, { tools: [tool('look'), tool('Bash'), tool('mcp.tool-1')] });
    assert.equal(JSON.stringify(reply['sdk_mcp_manifests_parked']), '{"ocp":"parked"}');
    const lines = await cli.turn(question(cli, 'hello'));
    const shown = lineOf(lines, 'system', 'init')?.['tools'];
    assert.deepEqual([...(shown as readonly string[])].toSorted(), ['Bash', 'look', 'mcp.tool-1']);
    const sent = bodyOf(callOf(cli))['tools'] as readonly Line[];
    assert.deepEqual(sent.map((one) => String(one['name'])).toSorted(byText), ['Bash', 'look', 'mcp.tool-1']);
    const look = sent.find((one) => one['name'] === 'look');
    assert.equal(look?.['description'], 'The tool look.');
    assert.equal(part(look, 'input_schema')['type'], 'object');
    const asks = cli.lines
      .filter((line) => line['type'] === 'control_request')
      .map((line) => requestOf(line)['subtype']);
    assert.ok(!asks.includes('mcp_message'), 'the handshake was repeated over the control channel');
  });

  test('are asked for over the control channel where the set-up does not bring them', async () => {
    const cli = site.start();
    const { sdkMcpServerManifests: _, ...bare } = initialize({ tools: [tool('look')] });
    const asking = cli.ask(bare);
    const asks = new Set<string>();
    const answering = (async (): Promise<void> => {
      for (let from = 0; !asks.has('tools/list');) {
        const line = await cli.question('mcp_message', from);
        from = cli.lines.indexOf(line) + 1;
        const message = requestOf(line)['message'] as Line;
        asks.add(String(message['method']));
        const result =
          message['method'] === 'initialize'
            ? { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'ocp', version: '1' } }
            : message['method'] === 'tools/list'
              ? { tools: [{ name: 'look', description: 'd', inputSchema: { type: 'object' } }] }
              : {};
        cli.reply(line, { mcp_response: { jsonrpc: '2.0', id: message['id'] ?? null, result } });
      }
    })();
    await asking;
    const lines = await cli.turn(question(cli, 'hello'));
    await answering;
    assert.ok(asks.has('initialize') && asks.has('tools/list'), String([...asks]));
    assert.ok(((lineOf(lines, 'system', 'init')?.['tools'] ?? []) as readonly string[]).includes('look'));
  });

  test('hold the CLI: allowed to call, it waits for the result, and goes on with the one that it is given', async () => {
    const cli = site.start();
    await setUp(cli, { tools: [tool('look')] });
    const from = cli.lines.length;
    cli.tell(question(cli, 'call once'));
    const permission = await cli.question('can_use_tool', from);
    const id = String(requestOf(permission)['tool_use_id']);
    assert.match(id, /^toolu_/);
    assert.deepEqual(requestOf(permission)['input'], { at: 'x' });
    // The question can come before the end of the message.
    cli.reply(permission, { behavior: 'allow', updatedInput: { at: 'x' } });
    await cli.line((line) => (line['event'] as Line | undefined)?.['type'] === 'message_stop', from);
    const stop = eventsOf(cli.lines.slice(from)).find((event) => event['type'] === 'message_delta');
    assert.equal(part(stop, 'delta')['stop_reason'], 'tool_use');
    const run = await cli.toolCall(from);
    const message = requestOf(run)['message'] as Line;
    assert.equal(message['method'], 'tools/call');
    assert.equal(((message['params'] as Line)['_meta'] as Line)['claudecode/toolUseId'], id);
    assert.equal(calls(cli), 1, 'the API was called before the result was there');
    cli.reply(run, toolReply(message, 'it is blue'));
    const hook = await cli.question('hook_callback', from);
    assert.equal((requestOf(hook)['input'] as Line)['hook_event_name'], 'PostToolBatch');
    assert.equal(calls(cli), 1, 'the API was called before the hook was answered');
    cli.reply(hook, {});
    await cli.line((line) => line['type'] === 'result', from);
    assert.match(textOf(cli.lines.slice(from)), /The tool look answered: it is blue/);
    assert.equal(calls(cli), 2);
    const sent = site.simulator.log.messages().filter(({ body }) => JSON.stringify(body).includes(cli.cwd));
    assert.equal(resultsIn(sent[1])[0]?.['tool_use_id'], id);
  });

  test('are asked for all at once when the model calls several', async () => {
    const cli = site.start();
    await setUp(cli, { tools: [tool('look'), tool('hear')] });
    const from = cli.lines.length;
    cli.tell(question(cli, 'call twice'));
    const first = await cli.question('can_use_tool', from);
    const second = await cli.question('can_use_tool', cli.lines.indexOf(first) + 1);
    const names = [first, second].map((line) => String(requestOf(line)['tool_name']));
    assert.deepEqual(names.toSorted(byText), ['hear', 'look']);
    // Answered in the other order, as a client may.
    for (const line of [second, first]) cli.reply(line, { behavior: 'allow', updatedInput: requestOf(line)['input'] });
    const runs = [await cli.toolCall(from)];
    runs.push(await cli.toolCall(cli.lines.indexOf(runs[0] ?? {}) + 1));
    for (const run of runs) {
      const message = requestOf(run)['message'] as Line;
      cli.reply(run, toolReply(message, `result of ${String((message['params'] as Line)['name'])}`));
    }
    cli.reply(await cli.question('hook_callback', from), {});
    await cli.line((line) => line['type'] === 'result', from);
    // Which of two results that are ready at once the CLI takes first is not settled.
    const told = textOf(cli.lines.slice(from));
    for (const name of names) assert.ok(told.includes(`result of ${name}`), told);
  });

  test('can be failed, and can give a result of half a million characters whole', async () => {
    const cli = site.start();
    await setUp(cli, { tools: [tool('look'), tool('hear')] });
    const from = cli.lines.length;
    cli.tell(question(cli, 'call twice'));
    const first = await cli.question('can_use_tool', from);
    const second = await cli.question('can_use_tool', cli.lines.indexOf(first) + 1);
    for (const line of [first, second]) cli.reply(line, { behavior: 'allow', updatedInput: requestOf(line)['input'] });
    const runs = [await cli.toolCall(from)];
    runs.push(await cli.toolCall(cli.lines.indexOf(runs[0] ?? {}) + 1));
    const long = 'x'.repeat(MAX_HELD_RESULT_CHARACTERS);
    for (const run of runs) {
      const message = requestOf(run)['message'] as Line;
      const isLook = (message['params'] as Line)['name'] === 'look';
      cli.reply(run, isLook ? toolReply(message, 'not there', true) : toolReply(message, long));
    }
    cli.reply(await cli.question('hook_callback', from), {});
    await cli.line((line) => line['type'] === 'result', from);
    const record = site.simulator.log.messages().findLast(({ body }) => JSON.stringify(body).includes(long));
    assert.ok(record !== undefined, 'the long result was cut');
    const failed = resultsIn(record).find((block) => block['is_error'] === true);
    assert.ok(JSON.stringify(failed?.['content']).includes('not there'));
  });

  test('of the two names that the CLI keeps for itself vanish, and its own names do not', async () => {
    const cli = site.start();
    const names = ['ToolSearch', 'StructuredOutput', 'Agent', 'Read', 'WebSearch'];
    cli.answerHooks();
    await setUp(cli, { tools: names.map((name) => tool(name)), outputSchema: { type: 'object' } });
    const lines = await cli.turn(question(cli, '[[json:{}]]'));
    const shown = lineOf(lines, 'system', 'init')?.['tools'] as readonly string[];
    assert.ok(!shown.includes('ToolSearch'));
    assert.equal(shown.filter((name) => name === 'StructuredOutput').length, 1);
    assert.ok(shown.includes('Read') && shown.includes('WebSearch'));
    assert.ok(shown.includes('Agent') || shown.includes('Task'));
    const sentNames = (bodyOf(callOf(cli))['tools'] as readonly Line[]).map((one) => one['name']);
    assert.ok(sentNames.includes('Agent'), 'the model does not see the client’s own name');
  });

  test('are in time to be stopped: a held turn ends by an interrupt without a call of the API', async () => {
    const cli = site.start();
    await setUp(cli, { tools: [tool('look')] });
    const from = cli.lines.length;
    cli.tell(question(cli, 'call once'));
    cli.reply(await cli.question('can_use_tool', from), { behavior: 'allow', updatedInput: { at: 'x' } });
    await cli.toolCall(from);
    await cli.ask({ subtype: 'interrupt' });
    await cli.line((line) => line['type'] === 'result', from);
    assert.equal(calls(cli), 1);
  });

  test('are given up when a result takes too long: the CLI says so, and asks before it goes on without it', async () => {
    const cli = site.start({ env: { MCP_TOOL_TIMEOUT: '1000' } });
    await setUp(cli, { tools: [tool('look')] });
    const from = cli.lines.length;
    cli.tell(question(cli, 'call once'));
    cli.reply(await cli.question('can_use_tool', from), { behavior: 'allow', updatedInput: { at: 'x' } });
    await cli.toolCall(from);
    const hook = await cli.question('hook_callback', from);
    assert.equal((requestOf(hook)['input'] as Line)['hook_event_name'], 'PostToolBatch');
    await cli.line((line) => messageOf(line)['method'] === 'notifications/cancelled', from);
    assert.equal(calls(cli), 1);
  });
});

function toolReply(message: Line, text: string, isError = false): object {
  return {
    mcp_response: { jsonrpc: '2.0', id: message['id'], result: { content: [{ type: 'text', text }], isError } },
  };
}

function resultsIn(record: RequestRecord | undefined): readonly Line[] {
  return sentMessages(record).flatMap(({ content }) =>
    typeof content === 'string' ? [] : content.filter(({ type }) => type === 'tool_result'),
  );
}

function byText(a: string, b: string): number {
  return a < b ? -1 : 1;
}
