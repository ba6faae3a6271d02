import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import { alteredNumbers } from '../../src/http/body/altered-numbers.ts';
import { script } from './chat-support.ts';
import { conformance, usual } from '../conformance/support.ts';

/** A number as a client writes it, with whether the nearest double is another one. */
const written = fc.oneof(
  fc
    .bigInt({ min: -(2n ** 70n), max: 2n ** 70n })
    .map((int) => ({ text: String(int), changes: BigInt(Number(int)) !== int })),
  fc.constantFrom(
    ...['0', '1.0', '1e3', '1E+2', '0.1', '0e5', '1.50e-7', '5e-324', '1e22', '0.30000000000000004'].map((text) => ({
      text,
      changes: false,
    })),
    ...['-0', '-0.0', '1e400', '-1e999', '1e-400', '0.12345678901234567891', '1.0000000000000000001'].map((text) => ({
      text,
      changes: true,
    })),
  ),
);

/** Texts that look like numbers, keys and ends of strings. */
const decoy = fc.oneof(fc.string(), fc.constantFrom('9007199254740993', '":-0,"', '\\', '\\"1e400', ',{['));

suite('numbers that the CLI cannot carry', () => {
  test('are named by their place, and no others are', () => {
    const member = fc.oneof(
      written.map((number) => ({ ...number, place: '' })),
      fc.tuple(decoy, written).map(([text, number]) => ({
        text: `{ ${JSON.stringify(text)} : [ ${JSON.stringify(text)},${number.text} ] }`,
        changes: number.changes,
        place: `.${text.slice(0, 64).replaceAll(/[^A-Za-z0-9_.-]/g, '_')}[1]`,
      })),
      decoy.map((text) => ({ text: JSON.stringify(text), changes: false, place: '' })),
    );
    fc.assert(
      fc.property(fc.array(member), (members) => {
        const text = `{"list":[${members.map((one) => one.text).join(', ')}]}`;
        const places = alteredNumbers(text).map((name) => name.replace(' (number changed)', ''));
        const shape = (place: string): string => place.replace(/^list(\[\d+\]).*?(\[1\])?$/s, 'list$1$2');
        assert.deepEqual(
          places.map(shape),
          members.flatMap(({ changes, place }, at) => (changes ? [shape(`list[${at}]${place}`)] : [])),
        );
      }),
    );
  });
});

conformance('a request with numbers that the CLI cannot carry', usual, (ocp) => {
  const parameters = '{"type":"object","properties":{"id":{"enum":[9007199254740993,1]}}}';
  const input = '{"id":9007199254740993,"ok":12.5}';
  const bodies: Readonly<Record<string, readonly [path: string, body: string, places: readonly string[]]>> = {
    chat: [
      '/v1/chat/completions',
      `{"model":"sonnet","messages":[{"role":"user","content":"go"},{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":${JSON.stringify(input)}}}]},{"role":"tool","tool_call_id":"a","content":"1e400"}],"tools":[{"type":"function","function":{"name":"f","parameters":${parameters}}}]}`,
      ['messages[1].tool_calls[0].function.arguments.id', 'tools[0].function.parameters.properties.id.enum[0]'],
    ],
    responses: [
      '/v1/responses',
      `{"model":"sonnet","input":[{"role":"user","content":"go"},{"type":"function_call","call_id":"a","name":"f","arguments":${JSON.stringify(input)}},{"type":"function_call_output","call_id":"a","output":"1e400"}],"tools":[{"type":"function","name":"f","parameters":${parameters}}]}`,
      ['input[1].arguments.id', 'tools[0].parameters.properties.id.enum[0]'],
    ],
    messages: [
      '/v1/messages',
      `{"model":"sonnet","max_tokens":99,"messages":[{"role":"user","content":"go"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":${input}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"1e400"}]}],"tools":[{"name":"f","input_schema":${parameters}}]}`,
      ['messages[1].content[0].input.id', 'tools[0].input_schema.properties.id.enum[0]'],
    ],
  };
  const send = async (path: string, body: string): Promise<Response> =>
    fetch(`${ocp().url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });

  for (const [name, [path, body, places]] of Object.entries(bodies)) {
    test(`names each of them (${name})`, async () => {
      script(ocp(), { reply: 'fine' });
      const response = await send(path, body);
      assert.equal(response.status, 200, await response.text());
      const named = (response.headers.get('x-ocp-ignored') ?? '').split(', ').filter((one) => one.endsWith('changed)'));
      assert.deepEqual(
        named,
        places.map((place) => `${place} (number changed)`),
      );
    });
  }

  test('is refused where a bound of a schema is beyond all numbers', async () => {
    const [path, body] = bodies['chat'] ?? assert.fail();
    const response = await send(path, body.replace('{"enum":[9007199254740993,1]}', '{"minimum":1e400}'));
    assert.equal(response.status, 400);
    assert.match(await response.text(), /parameters\.properties\.id\.minimum/u);
  });
});
