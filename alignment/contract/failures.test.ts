import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { errorAnswer, refusalAnswer, textAnswer } from '../../simulator/index.ts';
import type { Cli, Line } from './support/cli.ts';
import { lineOf, textOf } from './support/cli.ts';
import { apiKey, openSite } from './support/site.ts';
import type { Site } from './support/site.ts';
import { answered, asked, setUp, past } from './support/told.ts';

suite('failures', { concurrency: 2 }, () => {
  let site: Site;
  before(async () => {
    site = await openSite({ contextWindow: 1_200_000 });
  });
  after(async () => site[Symbol.asyncDispose]());

  async function worker(options: Parameters<Site['start']>[0] = {}): Promise<Cli> {
    const cli = site.start(options);
    await setUp(cli);
    return cli;
  }

  /** How often the API was called with this text. */
  const calls = (text: string): number =>
    site.simulator.log.messages().filter(({ body }) => JSON.stringify(body).includes(text)).length;

  test('`api_retry` tells the status, the kind and the wait before the CLI repeats a call', async () => {
    const cli = await worker();
    site.simulator.addRule({ when: { text: 'briefly busy' }, reply: errorAnswer(529), times: 1 });
    const lines = await cli.turn(asked('briefly busy'));
    const retry = lineOf(lines, 'system', 'api_retry');
    assert.equal(retry?.['error_status'], 529);
    assert.equal(retry?.['error'], 'overloaded');
    assert.equal(retry?.['attempt'], 1);
    assert.ok(Number(retry?.['retry_delay_ms']) >= 0);
    assert.equal(lineOf(lines, 'result')?.['is_error'], false);
  });

  test('CLAUDE_CODE_MAX_RETRIES bounds the repeats, and the result tells the status of the API', async () => {
    const cli = await worker({ env: { CLAUDE_CODE_MAX_RETRIES: '1' } });
    site.simulator.addRule({ when: { text: 'always busy' }, reply: errorAnswer(529) });
    const lines = await cli.turn(asked('always busy'));
    const result = lineOf(lines, 'result');
    assert.deepEqual([result?.['is_error'], result?.['api_error_status']], [true, 529]);
    assert.equal(calls('always busy'), 2);
  });

  test('a refused login, permission, model, size and content each keep their status', async () => {
    const cli = await worker({ env: { CLAUDE_CODE_MAX_RETRIES: '0' } });
    for (const status of [400, 401, 403, 404, 413, 429, 500]) {
      const lines = await cli.turn(asked(`[[error:${status}]]`));
      const result = lineOf(lines, 'result');
      assert.deepEqual([status, result?.['is_error'], result?.['api_error_status']], [status, true, status]);
      const shown = lines.filter((line) => line['type'] === 'assistant').map((line) => line['message'] as Line);
      assert.ok(shown.every((message) => message['model'] === '<synthetic>'));
      assert.equal(textOf(lines), '', 'a failure came as an answer');
    }
  });

  test('without a login the turn ends with words that say so', async () => {
    const cli = await worker({ login: {} });
    const result = lineOf(await cli.turn(asked('hello')), 'result');
    assert.equal(result?.['is_error'], true);
    assert.match(String(result?.['result']), /not logged in|please run \/login/i);
  });

  test('a prompt over the window fails without a call, and is not compacted', async () => {
    const cli = await worker();
    await cli.turn(past(`long ${'word '.repeat(260_000)}`));
    cli.tell(answered('yes'));
    const lines = await cli.turn(asked('after the long one'));
    const result = lineOf(lines, 'result');
    assert.equal(result?.['is_error'], true);
    assert.match(String(result?.['result']), /prompt is too long/i);
    assert.equal(lineOf(lines, 'system', 'compact_boundary'), undefined);
    assert.equal(calls('long word'), 0);
  });

  test('`interrupt` closes the call at once and ends the turn', async () => {
    const cli = await worker();
    site.simulator.addRule({
      when: { text: 'say much' },
      reply: textAnswer('one two three', { fault: { kind: 'stall', afterTokens: 1 } }),
    });
    const from = cli.lines.length;
    cli.tell(asked('say much'));
    await cli.line((line) => (line['event'] as Line | undefined)?.['type'] === 'content_block_delta', from);
    await cli.ask({ subtype: 'interrupt' });
    const result = await cli.line((line) => line['type'] === 'result', from);
    assert.equal(result['subtype'], 'error_during_execution');
    const closed = (record: { body: unknown; outcome: string }): boolean =>
      record.outcome === 'client_closed' && JSON.stringify(record.body).includes('say much');
    await site.simulator.log.waitFor(closed, { timeoutMs: 5000 });
    const next = await cli.turn(asked('[[text:still here]]'));
    assert.equal(textOf(next), 'still here');
  });

  test('a stream that breaks is not fetched again without streaming', async () => {
    const cli = await worker({ env: { CLAUDE_CODE_MAX_RETRIES: '0' } });
    site.simulator.addRule({
      when: { text: 'break' },
      reply: textAnswer('one two three', { fault: { kind: 'cut', afterTokens: 2 } }),
    });
    const from = cli.lines.length;
    cli.tell(asked('break'));
    await cli.line((line) => line['type'] === 'result', from, 30_000);
    const unstreamed = site.simulator.log
      .messages()
      .filter(({ body }) => (body as Line)['stream'] !== true && JSON.stringify(body).includes('break'));
    assert.deepEqual(unstreamed, []);
  });

  test('after a refusal or an overload no other model is tried', async () => {
    const cli = await worker({ env: { CLAUDE_CODE_MAX_RETRIES: '4' } });
    site.simulator.addRule({ when: { text: 'refuse' }, reply: refusalAnswer() });
    await cli.turn(asked('refuse'));
    const models = site.simulator.log.messages().map(({ body }) => String((body as Line)['model']));
    assert.deepEqual([...new Set(models)], ['claude-sonnet-4-6']);
    assert.equal(calls('refuse'), 1, 'the refused question was asked again');
  });

  test('the login of the environment goes along as it is, and the CLI sends no other', () => {
    const keys = site.simulator.log.messages().map(({ headers }) => headers['x-api-key']);
    assert.deepEqual([...new Set(keys)], [apiKey.ANTHROPIC_API_KEY]);
  });
});
