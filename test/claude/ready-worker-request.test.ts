import assert from 'node:assert/strict';
import { test } from 'node:test';
import { untilHealth, workerHealth } from '../support/health.ts';
import { startOcp } from '../support/ocp.ts';
import type { ChatMessage, ChatOptions } from '../support/turns.ts';
import { assistant, chat, system, user } from '../support/turns.ts';

const body: ChatOptions['body'] = {
  max_tokens: 500,
  reasoning_effort: 'low',
  tools: [
    {
      type: 'function',
      function: { name: 'look_up', description: 'Looks a word up.', parameters: { type: 'object', properties: {} } },
    },
  ],
};

test('what Anthropic gets of a conversation is the same, byte for byte, whether its worker was ready or not', async () => {
  await using ocp = await startOcp({ config: { sparesMemoryMb: 1000 } });
  const conversations: readonly (readonly ChatMessage[])[] = [
    [system('Be brief.'), user('Hello [[text:Hi]]')],
    [system('Be very brief.'), user('One'), assistant('Two'), user('Three [[text:Four]]')],
  ];
  for (const [earlier, messages] of conversations.entries()) {
    const seen: unknown[] = [];
    for (const kind of ['first', 'second', 'ready']) {
      await untilHealth(
        ocp,
        ({ workers }) => workers.spares === 2 && workers.ready === earlier + (kind === 'ready' ? 1 : 0),
      );
      assert.equal((await chat(ocp, messages, { body })).status, 200);
      const record = ocp.simulator.log.messages().at(-1);
      seen.push(JSON.parse(comparable(JSON.stringify(record?.body))));
    }
    assert.deepEqual(seen[1], seen[0]);
    assert.deepEqual(seen[2], seen[0]);
  }
  const { origins } = (await workerHealth(ocp)).workers;
  assert.equal(origins.spare, 6);
});

/** Without what names the process: its session. */
function comparable(json: string): string {
  return (
    json
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gu, 'UUID')
      // Two first starts of the CLI in one home can each give the machine a number.
      .replaceAll(/[0-9a-f]{64}/gu, 'DEVICE')
  );
}
