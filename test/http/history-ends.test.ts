import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import type { Ocp } from '../support/ocp.ts';
import { sharedOcp } from '../support/shared-ocp.ts';
import { script } from './chat-support.ts';

const user = { role: 'user', content: 'Hi' };
const assistant = { role: 'assistant', content: 'I' };

suite('what the CLI cannot go on from', () => {
  let ocp: Ocp;
  before(async () => {
    ocp = await sharedOcp();
  });

  const refused = async (path: string, body: object): Promise<string> => {
    script(ocp, { reply: 'never' });
    const response = await fetch(`${ocp.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    assert.equal(response.status, 400, text);
    assert.equal((JSON.parse(text) as { error: { type: string } }).error.type, 'invalid_request_error');
    assert.equal(ocp.simulator.log.messages().length, 0, 'a worker was used');
    return text;
  };

  // claude-haiku-4-5 would take one from a client of the API itself.
  for (const model of ['claude-sonnet-5-5', 'claude-haiku-4-5']) {
    for (const stream of [false, true]) {
      test(`an assistant message at the end is refused by its name: ${model}, ${stream ? 'streamed' : 'whole'}`, async () => {
        const messages = [user, assistant];
        const bodies = [
          ['/v1/messages', { messages, max_tokens: 99 }, 'messages[1]'],
          ['/v1/chat/completions', { messages }, 'messages[1]'],
          ['/v1/responses', { input: [user, assistant] }, 'input[1]'],
        ] as const;
        for (const [path, body, place] of bodies) {
          const text = await refused(path, { model, stream, ...body });
          assert.match(text, /must end with a user message/u);
          assert.ok(text.includes(place), `${path} names no ${place}: ${text}`);
        }
      });
    }
  }

  test('thinking without its signature is refused by its name', async () => {
    const content = [
      { type: 'thinking', thinking: 'Hm.' },
      { type: 'text', text: 'I' },
    ];
    const messages = [user, { role: 'assistant', content }, user];
    const text = await refused('/v1/messages', { model: 'claude-sonnet-5-5', max_tokens: 99, messages });
    assert.match(text, /messages[.[]1\]?\.content[.[]0\]?\.(?:thinking\.)?signature/u);
    assert.match(text, /[Ff]ield required|required/u);
  });
});
