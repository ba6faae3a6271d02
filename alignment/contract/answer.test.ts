import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { textAnswer, thinkingAnswer } from '../../simulator/index.ts';
import type { Cli, Line } from './support/cli.ts';
import { eventsOf, lineOf, part, textOf } from './support/cli.ts';
import type { Thinking } from '../../src/wire/anthropic/thinking.ts';
import { apiKey, model, openSite } from './support/site.ts';
import type { Site } from './support/site.ts';
import { asked, bodyOf, setUp, lastCall, sentMessages, settings, textsOf } from './support/told.ts';
import { isNotOfAnAnswer } from './support/site.ts';

const secret = 'the-secret-of-a-file';

suite('an answer', () => {
  let site: Site;
  let cli: Cli;
  let first: readonly Line[];
  before(async () => {
    site = await openSite();
    writeFileSync(join(site.home, 'secret.txt'), secret);
    cli = site.start();
    await setUp(cli, { system: ['Be brief.', 'Be kind.'] });
    site.simulator.setScript([{ reply: thinkingAnswer('hm', 'pong 🏓') }]);
    first = await cli.turn(asked('ping'));
    site.simulator.setScript([]);
  });
  after(async () => site[Symbol.asyncDispose]());

  test('is passed on as the events of the API, thinking and signature included', () => {
    const types = eventsOf(first).map((event) => event['type']);
    assert.deepEqual([types[0], types.at(-2), types.at(-1)], ['message_start', 'message_delta', 'message_stop']);
    assert.equal(textOf(first), 'pong 🏓');
    const deltas = eventsOf(first).flatMap((event) => part(event, 'delta')['type'] ?? []);
    assert.ok(deltas.includes('thinking_delta') && deltas.includes('signature_delta'), JSON.stringify(deltas));
    const end = eventsOf(first).at(-2);
    assert.equal(part(end, 'delta')['stop_reason'], 'end_turn');
    assert.equal(typeof part(end, 'usage')['output_tokens'], 'number');
  });

  test('repeats whole messages in lines that begin with their type', () => {
    // OCP steps over them by their first bytes.
    const repeated = first.filter((line) => line['type'] === 'assistant');
    assert.ok(repeated.length > 0);
    for (const line of repeated) assert.equal(Object.keys(line)[0], 'type');
  });

  test('begins with a line that tells tools and session, the name that API calls carry', () => {
    const init = lineOf(first, 'system', 'init');
    assert.deepEqual(init?.['tools'], []);
    assert.equal(first.indexOf(init ?? {}) < first.findIndex((line) => line['type'] === 'stream_event'), true);
    assert.equal(init?.['session_id'], lastCall(site.simulator)?.headers['x-claude-code-session-id']);
  });

  test('ends with a result: no error, the text, and the cost', () => {
    const result = lineOf(first, 'result');
    assert.equal(result?.['subtype'], 'success');
    assert.equal(result?.['is_error'], false);
    assert.equal(result?.['result'], 'pong 🏓');
    assert.ok(Number(result?.['total_cost_usd']) > 0);
  });

  test('is made by the model and the system prompt that were asked for, and no built-in tool', () => {
    const body = bodyOf(site.simulator.log.messages()[0]);
    assert.equal(body['model'], model);
    assert.equal(body['stream'], true);
    const system = (body['system'] as readonly Line[]).map((block) => String(block['text']));
    assert.ok(system.includes('Be brief.') || system.some((text) => text.includes('Be brief.')));
    assert.ok(system.some((text) => text.includes('Be kind.')));
    assert.deepEqual(body['tools'] ?? [], []);
    assert.ok(!system.some((text) => /You are Claude Code, .*interactive CLI tool/s.test(text)));
  });

  test('reports the cost of the whole conversation, each time', async () => {
    const before = Number(lineOf(first, 'result')?.['total_cost_usd']);
    const next = await cli.turn(asked('and again'));
    assert.ok(Number(lineOf(next, 'result')?.['total_cost_usd']) > before);
  });

  test('`apply_flag_settings` sets the most tokens and the effort, and takes them back', async () => {
    const plain = bodyOf(lastCall(site.simulator));
    await cli.ask(settings({ maxTokens: 777, effort: 'low' }));
    await cli.turn(asked('short'));
    const set = bodyOf(lastCall(site.simulator));
    assert.equal(set['max_tokens'], 777);
    assert.equal((set['output_config'] as Line)['effort'], 'low');
    await cli.ask(settings({}));
    await cli.turn(asked('long'));
    const back = bodyOf(lastCall(site.simulator));
    assert.equal(back['max_tokens'], plain['max_tokens']);
    assert.deepEqual(back['output_config'], plain['output_config']);
  });

  test('with CLAUDE_CODE_DISABLE_THINKING and no effort, neither is sent, and thinking in the history is kept', async () => {
    const plain = bodyOf(lastCall(site.simulator));
    assert.deepEqual(
      [plain['thinking'], plain['context_management'], plain['output_config']],
      [undefined, undefined, undefined],
    );
    const past = sentMessages(lastCall(site.simulator)).flatMap(({ content }) =>
      Array.isArray(content) ? content : [],
    );
    assert.ok(past.some(({ type }) => type === 'thinking'));
  });

  test('`thinking` in CLAUDE_CODE_EXTRA_BODY is sent as it is, on every model, and an empty value takes it back', async () => {
    const wishes: Thinking[] = [
      { type: 'enabled', budget_tokens: 16_384, display: 'omitted' },
      { type: 'adaptive', display: 'summarized' },
      { type: 'between_tools' },
      { type: 'disabled' },
    ];
    for (const id of ['claude-haiku-4-5-20251001', 'claude-opus-4-7', 'claude-sonnet-5-5', 'claude-opus-5-5', model]) {
      const other = site.start({ model: id });
      await setUp(other);
      for (const thinking of wishes) {
        await other.ask(settings({ thinking }));
        await other.turn(asked('think'));
        const body = bodyOf(lastCall(site.simulator));
        assert.deepEqual([body['model'], body['thinking']], [id, thinking]);
        assert.equal(body['context_management'], undefined);
      }
      await other.ask(settings({}));
      await other.turn(asked('as you like'));
      assert.equal(bodyOf(lastCall(site.simulator))['thinking'], undefined, id);
      await other.stop();
    }
  });

  test('`client_composed` keeps paths and commands in a client’s text plain text', async () => {
    const text = `/clear @${join(site.home, 'secret.txt')} /compact`;
    const lines = await cli.turn(asked(text));
    assert.equal(lineOf(lines, 'conversation_reset'), undefined);
    const sent = sentMessages(lastCall(site.simulator));
    assert.ok(
      textsOf(sent.at(-1)).some((one) => one.includes(text)),
      'the text did not arrive as it was',
    );
    assert.ok(!JSON.stringify(sent).includes(secret), 'the CLI read a file of the machine');
  });

  test('images and documents of the user reach the API unchanged', async () => {
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixel } };
    const document = { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'a page' } };
    await cli.turn(asked([{ type: 'text', text: 'look' }, image, document]));
    const content = sentMessages(lastCall(site.simulator)).at(-1)?.content;
    assert.ok(Array.isArray(content));
    assert.partialDeepStrictEqual(
      content.find((block: Line) => block['type'] === 'image'),
      image,
    );
    assert.partialDeepStrictEqual(
      content.find((block: Line) => block['type'] === 'document'),
      document,
    );
  });

  test('a stop reason is reported before the message ends', async () => {
    site.simulator.setScript([{ reply: textAnswer('no more', { stopReason: 'refusal' }), times: 1 }]);
    const from = cli.lines.length;
    cli.tell(asked('stop'));
    const isDelta = (line: Line): boolean => (line['event'] as Line | undefined)?.['type'] === 'message_delta';
    const delta = await cli.line(isDelta, from);
    assert.equal(((delta['event'] as Line)['delta'] as Line)['stop_reason'], 'refusal');
    await cli.line((line) => line['type'] === 'result', from);
    site.simulator.setScript([]);
  });

  test('a session is not kept on disk, and nothing is written into the working directory', async () => {
    await cli.finish();
    assert.deepEqual(readdirSync(cli.cwd), []);
    const projects = join(site.home, 'config', 'projects');
    const kept = existsSync(projects) ? readdirSync(projects, { recursive: true, encoding: 'utf8' }) : [];
    assert.deepEqual(
      kept.filter((name) => name.endsWith('.jsonl')),
      [],
    );
  });

  test('nobody but the Messages endpoint is called', () => {
    const others = site.simulator.log.all.filter(isNotOfAnAnswer);
    assert.equal(others.map(({ method, path }) => `${method} ${path}`).join(', '), '', 'others were called');
  });

  test('the login is the API key of the environment', () => {
    assert.equal(lastCall(site.simulator)?.headers['x-api-key'], apiKey.ANTHROPIC_API_KEY);
  });
});

const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
