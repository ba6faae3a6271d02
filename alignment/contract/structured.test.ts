import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { toolAnswer } from '../../simulator/index.ts';
import type { Cli, Line } from './support/cli.ts';
import { eventsOf, lineOf, part } from './support/cli.ts';
import { openSite } from './support/site.ts';
import type { Site } from './support/site.ts';
import { asked, bodyOf, setUp, lastCall, settings } from './support/told.ts';

const outputSchema = {
  type: 'object',
  properties: { n: { type: 'integer' } },
  required: ['n'],
  additionalProperties: false,
} as const;

suite('structured output', () => {
  let site: Site;
  let cli: Cli;
  before(async () => {
    site = await openSite();
    cli = site.start();
    cli.answerHooks();
    await setUp(cli, { outputSchema });
  });
  after(async () => site[Symbol.asyncDispose]());

  test('is a call of the tool StructuredOutput with the schema, and its value comes with the result', async () => {
    const lines = await cli.turn(asked('[[json:{"n":7}]]'));
    assert.ok(((lineOf(lines, 'system', 'init')?.['tools'] ?? []) as readonly string[]).includes('StructuredOutput'));
    const offered = ((bodyOf(site.simulator.log.messages()[0])['tools'] ?? []) as readonly Line[]).find(
      (one) => one['name'] === 'StructuredOutput',
    );
    assert.partialDeepStrictEqual(offered?.['input_schema'], { properties: outputSchema.properties, required: ['n'] });
    const json = eventsOf(lines)
      .map((event) => part(event, 'delta')['partial_json'])
      .filter((piece) => typeof piece === 'string')
      .join('');
    assert.deepEqual(JSON.parse(json), { n: 7 });
    const result = lineOf(lines, 'result');
    assert.deepEqual(result?.['structured_output'], { n: 7 });
    assert.equal(result?.['is_error'], false);
  });

  test('that misses the schema is asked for as often as MAX_STRUCTURED_OUTPUT_RETRIES says, and then fails', async () => {
    site.simulator.setScript([{ reply: toolAnswer({ name: 'StructuredOutput', input: { n: 'seven' } }) }]);
    for (const structuredAttempts of [1, 2]) {
      await cli.ask(settings({ structuredAttempts }));
      const before = site.simulator.log.messages().length;
      const lines = await cli.turn(asked('a number'));
      assert.equal(lineOf(lines, 'result')?.['subtype'], 'error_max_structured_output_retries');
      assert.equal(site.simulator.log.messages().length - before, structuredAttempts);
    }
    site.simulator.setScript([]);
  });

  test('with a schema that the CLI cannot hold is missing from the tools', async () => {
    const other = site.start();
    other.answerHooks();
    const broken = { type: 'object', properties: { n: { $ref: '#/nowhere' } } };
    await setUp(other, { outputSchema: broken }).catch(() => {});
    const lines = await other.turn(asked('[[text:a number]]'));
    const shown = lineOf(lines, 'system', 'init')?.['tools'] as readonly string[];
    assert.ok(!shown.includes('StructuredOutput'), 'a broken schema is offered');
    assert.ok(lastCall(site.simulator) !== undefined);
  });
});
