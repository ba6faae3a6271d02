import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { randomUUID } from 'node:crypto';
import { boundaryLine, clearLine, userLine } from '../../src/claude/protocol.ts';
import type { Cli, Line } from './support/cli.ts';
import { lineOf } from './support/cli.ts';
import { openSite } from './support/site.ts';
import type { Site } from './support/site.ts';
import { asked, bodyOf, setUp, lastCall, sentMessages, tool, parsed } from './support/told.ts';

suite('a worker that is emptied', () => {
  let site: Site;
  let cli: Cli;
  let cleared: readonly Line[];
  let earlier: { readonly body: Line; readonly session: unknown };
  before(async () => {
    site = await openSite();
    cli = site.start();
    await setUp(cli, { system: ['Keep this.'], tools: [tool('look')] });
    const lines = await cli.turn(asked('[[text:canary-answer]] canary-question'));
    earlier = { body: bodyOf(lastCall(site.simulator)), session: lineOf(lines, 'system', 'init')?.['session_id'] };
    cleared = await cli.turn(parsed(clearLine));
  });
  after(async () => site[Symbol.asyncDispose]());

  test('says `conversation_reset` before the result of `/clear`', () => {
    assert.ok(lineOf(cleared, 'conversation_reset') !== undefined);
    assert.equal(lineOf(cleared, 'result')?.['is_error'], false);
    assert.equal(site.simulator.log.messages().length, 1, 'emptying called the API');
  });

  test('has a new session, and nothing of the old messages', async () => {
    const lines = await cli.turn(asked('something new'));
    const session = lineOf(lines, 'system', 'init')?.['session_id'];
    assert.notEqual(session, earlier.session);
    assert.ok(!JSON.stringify(lastCall(site.simulator)?.body).includes('canary'));
    assert.equal(lastCall(site.simulator)?.headers['x-claude-code-session-id'], session);
  });

  test('keeps model, system prompt and tools', () => {
    const body = bodyOf(lastCall(site.simulator));
    assert.equal(body['model'], earlier.body['model']);
    assert.deepEqual(body['tools'], earlier.body['tools']);
    assert.ok(JSON.stringify(body['system']).includes('Keep this.'));
  });

  test('keeps the command before the next message; a boundary behind it leaves nothing of it', async () => {
    const other = site.start();
    await setUp(other, { system: ['Keep this.'], tools: [tool('look')] });
    const ask = async (): Promise<string> => {
      await other.turn(parsed(userLine(['[]'], { query: false })));
      await other.turn(asked('the same question'));
      return withoutSession(JSON.stringify(lastCall(site.simulator)?.body));
    };
    const fresh = await ask();
    await other.turn(parsed(clearLine));
    const residue = await ask();
    assert.match(residue, /command-name>\/clear/u);
    await other.turn(parsed(clearLine));
    const before = await messageTokens(other);
    other.tell(parsed(boundaryLine(randomUUID())));
    assert.ok((await messageTokens(other)) < before, 'the size of the context tells that the boundary counts');
    assert.equal(await ask(), fresh);
  });

  test('counts its cost from nothing again', async () => {
    const first = lineOf(await cli.turn(asked('once more')), 'result');
    await cli.turn(parsed(clearLine));
    const afterClear = lineOf(await cli.turn(asked('hi')), 'result');
    assert.ok(Number(afterClear?.['total_cost_usd']) <= Number(first?.['total_cost_usd']));
  });

  test('is not emptied by the same words of a client', async () => {
    await cli.turn(asked('[[text:kept]] remember me'));
    const lines = await cli.turn(asked('/clear'));
    assert.equal(lineOf(lines, 'conversation_reset'), undefined);
    assert.ok(JSON.stringify(sentMessages(lastCall(site.simulator))).includes('remember me'));
  });
});

function withoutSession(body: string): string {
  return body.replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gu, 'UUID');
}

/** How many tokens the CLI counts in its conversation. */
async function messageTokens(cli: Cli): Promise<number> {
  const { categories } = await cli.ask({ subtype: 'get_context_usage' });
  const used = (categories as readonly Line[]).find((category) => category['name'] === 'Messages');
  return Number(used?.['tokens']);
}
