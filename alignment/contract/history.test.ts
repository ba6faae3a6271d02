import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { Line } from './support/cli.ts';
import { eventsOf, lineOf, textOf } from './support/cli.ts';
import { openSite } from './support/site.ts';
import type { Site } from './support/site.ts';
import { openingRequest } from '../../src/claude/setup.ts';
import type { SentMessage } from './support/told.ts';
import {
  answered,
  asked,
  bodyOf,
  setUp,
  settings,
  lastCall,
  past,
  sentMessages,
  textsOf,
  tool,
} from './support/told.ts';

suite('a history', () => {
  let site: Site;
  before(async () => {
    site = await openSite();
  });
  after(async () => site[Symbol.asyncDispose]());

  test('reaches the API in its own roles and order, each past user message answered by an empty result', async () => {
    const cli = site.start();
    await setUp(cli);
    for (const index of [1, 2, 3]) {
      const lines = await cli.turn(past(`question ${index}`));
      assert.equal(lineOf(lines, 'result')?.['is_error'], false);
      assert.deepEqual(eventsOf(lines), [], 'a past message began an answer');
      cli.tell(answered(`answer ${index}`, `msg_${index}`));
    }
    await cli.turn(asked('the last question'));
    const calls = site.simulator.log.messages().filter(({ body }) => JSON.stringify(body).includes('question 1'));
    assert.equal(calls.length, 1, 'the past was answered, or the question more than once');
    const sent = sentMessages(calls[0]).filter(({ role }) => role !== 'system');
    const seen = sent.map(({ role, content }) => [role, JSON.stringify(content)] as const);
    const order = ['question 1', 'answer 1', 'question 2', 'answer 2', 'question 3', 'answer 3', 'the last question'];
    assert.equal(seen.length, order.length, JSON.stringify(seen));
    for (const [at, text] of order.entries()) {
      assert.equal(seen[at]?.[0], at % 2 === 0 ? 'user' : 'assistant');
      assert.ok(seen[at]?.[1].includes(text), `${text} is not message ${at}`);
    }
  });

  test('keeps tool calls, their results, failures, and thinking as native blocks', async () => {
    const cli = site.start();
    await setUp(cli, { tools: [tool('look')] });
    const call = { type: 'tool_use', id: 'toolu_past', name: 'look', input: { at: 'it' } };
    const result = {
      type: 'tool_result',
      tool_use_id: 'toolu_past',
      content: [{ type: 'text', text: 'seen' }],
      is_error: true,
    };
    const thinking = { type: 'thinking', thinking: 'hm', signature: 'c2lnbmVk' };
    await cli.turn(past('look at it'));
    cli.tell(answered([thinking, { type: 'text', text: 'I look' }, call]));
    await cli.turn(asked([result, { type: 'text', text: 'go on' }]));
    const blocks = blocksOf(sentMessages(lastCall(site.simulator)));
    assert.partialDeepStrictEqual(
      blocks.find(({ type }) => type === 'tool_use'),
      call,
    );
    assert.partialDeepStrictEqual(
      blocks.find(({ type }) => type === 'thinking'),
      thinking,
    );
    const sent = blocks.find(({ type }) => type === 'tool_result');
    assert.equal(sent?.['tool_use_id'], 'toolu_past');
    assert.equal(sent?.['is_error'], true);
    assert.ok(JSON.stringify(sent?.['content']).includes('seen'));
  });

  test('keeps one breakpoint of ours, and has four in all at most', async () => {
    const cli = site.start();
    await setUp(cli, { system: ['one', 'two'], tools: [tool('look')] });
    await cli.turn(past([{ type: 'text', text: 'marked', cache_control: { type: 'ephemeral' } }]));
    cli.tell(answered('answer'));
    await cli.turn(asked('next'));
    const body = bodyOf(lastCall(site.simulator));
    const marked = blocksOf(sentMessages(lastCall(site.simulator))).filter((block) => 'cache_control' in block);
    assert.ok(
      marked.some((block) => String(block['text']).includes('marked')),
      'ours is gone',
    );
    const all = JSON.stringify(body).match(/"cache_control":/g)?.length ?? 0;
    assert.ok(all <= 4, `${all} breakpoints`);
  });

  test('is known to a set-up that was taken through an empty message ahead, and nothing of that is left', async () => {
    const [ahead, plain] = [site.start(), site.start()];
    for (const cli of [ahead, plain]) await setUp(cli, { tools: [tool('look')] });
    const nothing = await ahead.turn(past([]));
    assert.equal(lineOf(nothing, 'result')?.['is_error'], false);
    await plain.turn(asked('the same'));
    const expected = messagesWithoutPlace(lastCall(site.simulator), plain.cwd);
    const lines = await ahead.turn(asked('the same'));
    assert.notEqual(textOf(lines), '');
    assert.deepEqual(messagesWithoutPlace(lastCall(site.simulator), ahead.cwd), expected);
  });

  test('whose first message was cut off by the limit is the same as one that was said live, and costs no call', async () => {
    const [live, anew] = [site.start(), site.start()];
    for (const cli of [live, anew]) await setUp(cli);
    await live.turn(asked('[[text:first]] one'));
    await live.turn(asked('[[text:second]] two'));
    const expected = messagesWithoutPlace(lastCall(site.simulator), live.cwd);
    const calls = site.simulator.log.messages().length;
    await anew.ask(openingRequest);
    const cut = lineOf(await anew.turn(asked('[[text:first]] one')), 'result');
    assert.equal(cut?.['terminal_reason'], 'blocking_limit');
    assert.equal(site.simulator.log.messages().length, calls, 'the API was called');
    await anew.ask(settings({}));
    anew.tell(answered('first'));
    await anew.turn(asked('[[text:second]] two'));
    assert.deepEqual(messagesWithoutPlace(lastCall(site.simulator), anew.cwd), expected);
  });

  test('goes on in the same process: the next call repeats all before it', async () => {
    const cli = site.start();
    await setUp(cli);
    await cli.turn(asked('[[text:first]] one'));
    const first = sentMessages(lastCall(site.simulator));
    await cli.turn(asked('[[text:second]] two'));
    const second = sentMessages(lastCall(site.simulator));
    assert.deepEqual(
      second.slice(0, first.length).map((message) => textsOf(message)),
      first.map((message) => textsOf(message)),
    );
    assert.ok(second.some((message) => message.role === 'assistant' && textsOf(message).includes('first')));
  });
});

suite('the context', () => {
  test('is counted by `get_context_usage`, without a call of the Messages endpoint', async () => {
    await using site = await openSite();
    const cli = site.start();
    await setUp(cli, { tools: [tool('look')] });
    await cli.turn(past('a question of some length, to be counted'));
    const usage = await cli.ask({ subtype: 'get_context_usage' });
    const categories = usage['categories'] as readonly Line[];
    assert.ok(Array.isArray(categories) && categories.length > 0, JSON.stringify(usage).slice(0, 300));
    const used = categories.filter((category) => category['kind'] === 'used');
    assert.ok(used.length > 0, JSON.stringify(categories).slice(0, 300));
    assert.ok(used.every((category) => typeof category['tokens'] === 'number'));
    assert.deepEqual(site.simulator.log.messages(), []);
  });
});

function blocksOf(messages: readonly SentMessage[]): readonly (Line & { readonly type: string })[] {
  return messages.flatMap(({ content }) => (typeof content === 'string' ? [] : content));
}

/** The working directory is told to the model; all else must be the same. */
function messagesWithoutPlace(record: Parameters<typeof sentMessages>[0], cwd: string): unknown {
  return JSON.parse(JSON.stringify(sentMessages(record)).replaceAll(cwd, 'CWD'));
}
