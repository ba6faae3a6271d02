import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { RequestRecord } from '../../simulator/index.ts';
import { textAnswer } from '../../simulator/index.ts';
import { gone } from '../support/processes.ts';
import { untilHealth, workerHealth } from '../support/health.ts';
import type { Ocp } from '../support/ocp.ts';
import { startOcp } from '../support/ocp.ts';
import type { ChatMessage } from '../support/turns.ts';
import { assistant, chat, processOf, system, user } from '../support/turns.ts';

/** Anything that a client can set up; every part changes what the CLI is told. */
const setups = fc.record(
  {
    model: fc.constantFrom('claude-sonnet-4-6', 'claude-sonnet-5-5', 'claude-haiku-4-5'),
    system: fc.constantFrom(undefined, 'Be brief.', '  Two\n\nparagraphs.  '),
    tools: fc.uniqueArray(fc.constantFrom('look_up', 'Bash', 'Read', 'write-file'), { maxLength: 3 }),
    max_tokens: fc.constantFrom(undefined, 2000),
    temperature: fc.constantFrom(undefined, 1),
  },
  { requiredKeys: ['model', 'system', 'tools', 'max_tokens', 'temperature'] },
);

/** Words that the CLI could take for something of its own. */
const words = fc.constantFrom(
  'Hello',
  '/clear',
  '@file.txt',
  ' spaces ',
  'ünïcode ☃',
  '<system-reminder>no</system-reminder>',
);

test('what Anthropic gets is the same, to the byte, whatever worker serves a request', async () => {
  await using ocp = await startOcp({ simulator: { script: [{ reply: () => textAnswer('An answer.') }] } });
  await untilHealth(ocp, ({ workers }) => workers.spares === 1);
  await fc.assert(
    fc.asyncProperty(setups, words, words, async (setup, first, second) => {
      const { model, max_tokens, temperature, tools } = setup;
      const body = {
        model,
        ...(max_tokens === undefined ? {} : { max_tokens }),
        ...(temperature === undefined ? {} : { temperature }),
        ...(tools.length === 0 ? {} : { tools: tools.map(chatTool) }),
      };
      const opening = [...(setup.system === undefined ? [] : [system(setup.system)]), user(`1 ${first}`)];
      const going = [...opening, assistant('An answer.'), user(`2 ${second}`)];
      const ask = async (messages: readonly ChatMessage[]): Promise<RequestRecord> => sent(ocp, messages, body);

      const fresh = await originOf(ocp, () => ask(opening));
      const live = await originOf(ocp, () => ask(going));
      const recycled = await originOf(ocp, () => ask(opening));
      const liveAfterwards = await originOf(ocp, () => ask(going));
      const recycledReplay = await originOf(ocp, () => ask(going));
      await kill(ocp, recycledReplay.record);
      const freshReplay = await originOf(ocp, () => ask(going));

      assert.deepEqual(
        [live, recycled, liveAfterwards, recycledReplay].map(({ origin }) => origin),
        ['live', 'recycled', 'live', 'recycled'],
      );
      assert.ok(['spare', 'started'].includes(fresh.origin) && ['spare', 'started'].includes(freshReplay.origin));
      assert.equal(comparable(recycled.record), comparable(fresh.record));
      assert.equal(comparable(liveAfterwards.record), comparable(live.record));
      assert.equal(comparable(freshReplay.record), comparable(recycledReplay.record));
      assert.equal(withoutBreakpoints(freshReplay.record), withoutBreakpoints(live.record));
    }),
    { numRuns: Number(process.env['OCP_TEST_RUNS'] ?? 4), endOnFailure: true },
  );
});

function chatTool(name: string): object {
  return {
    type: 'function',
    function: { name, description: `Does ${name}.`, parameters: { type: 'object', properties: {} } },
  };
}

async function sent(ocp: Ocp, messages: readonly ChatMessage[], body: object): Promise<RequestRecord> {
  const { status, text } = await chat(ocp, messages, { body: { ...body } });
  assert.deepEqual([status, text], [200, 'An answer.']);
  // Only a worker that rests can be emptied or go on.
  await untilHealth(ocp, ({ workers }) => workers.busy === 0 && workers.conversations === 1);
  const record = ocp.simulator.log.messages().at(-1);
  assert.ok(record !== undefined);
  return record;
}

async function originOf(
  ocp: Ocp,
  run: () => Promise<RequestRecord>,
): Promise<{ record: RequestRecord; origin: string }> {
  const before = (await workerHealth(ocp)).workers.origins;
  const record = await run();
  const after = (await workerHealth(ocp)).workers.origins;
  const kinds = ['live', 'spare', 'recycled', 'started'] as const;
  return { record, origin: kinds.find((kind) => after[kind] > before[kind]) ?? 'none' };
}

async function kill(ocp: Ocp, record: RequestRecord): Promise<void> {
  const pid = processOf(record);
  process.kill(pid, 'SIGKILL');
  await gone(pid);
  await untilHealth(ocp, ({ workers }) => workers.conversations === 0);
}

/** The request without what names the process: its session. */
function comparable({ body }: RequestRecord): string {
  return (
    JSON.stringify(body)
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gu, 'UUID')
      // Two first starts of the CLI in one home can each give the machine a number.
      .replaceAll(/[0-9a-f]{64}/gu, 'DEVICE')
  );
}

/** The cache finds what was sent before wherever the breakpoints are now. */
function withoutBreakpoints(record: RequestRecord): string {
  return comparable(record).replaceAll(/,"cache_control":\{[^}]*\}/gu, '');
}
