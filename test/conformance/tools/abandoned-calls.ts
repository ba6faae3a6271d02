import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toolAnswer } from '../../../simulator/index.ts';
import { lastSent, script, settled } from '../../http/chat-support.ts';
import { gone } from '../../support/processes.ts';
import { processOf } from '../../support/turns.ts';
import { chat } from '../drive/chat.ts';
import type { Answer } from '../drive/driver.ts';
import { conformance, usual } from '../support.ts';

const tools = [{ name: 'weather', schema: { type: 'object', properties: {} } }];

conformance('calls that nobody answers', usual, (ocp) => {
  test('a conversation that goes on otherwise costs no call for those that stay open', async () => {
    script(ocp(), { when: { text: 'Never mind' }, reply: 'Fine.' }, { reply: toolAnswer('weather') });
    const { log } = ocp().simulator;
    // Elsewhere a call without its result is refused; what the server remembers, the client need not know to be open.
    const terms = { stream: true, tools, extra: { session_id: 'abandoned' } };
    const say = async (content: string): Promise<Answer> =>
      chat.ask(ocp(), { ...terms, entries: [{ kind: 'user', content }] });
    await say('The weather?');
    const held = processOf(log.messages()[0]);
    assert.equal((await say('Never mind')).text, 'Fine.');
    assert.match(JSON.stringify(lastSent(ocp()).messages), /"tool_result"/u, 'the API gets a result for every call');
    await gone(held);
    await settled(ocp());
    assert.equal(log.messages().length, 2);
  });
});
