import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import { missingTools, toolNames } from '../../src/claude/tool-names.ts';

/** What the CLI leaves unchanged. */
const accepted = /^[A-Za-z0-9_.-]{1,64}$/u;
const anyName = fc.oneof(
  fc.string({ maxLength: 80 }),
  fc.constantFrom('Bash', 'ToolSearch', 'StructuredOutput', 'client_a_b', 'a.b', 'a/b', 'a b', 'mcp__ocp__x'),
);
const names = fc.uniqueArray(anyName, { maxLength: 12 });

suite('names of tools', () => {
  test('come back as the client wrote them, and no two share one', () => {
    fc.assert(
      fc.property(names, (list) => {
        const known = toolNames(list);
        const cliNames = list.map((name) => known.toCli(name));
        assert.equal(new Set(cliNames).size, list.length);
        for (const [index, cliName] of cliNames.entries()) {
          assert.match(cliName, accepted);
          assert.equal(known.toClient(cliName), list[index]);
        }
      }),
    );
  });

  test('stay as they are where the CLI can take them', () => {
    const known = toolNames(['Bash', 'get_weather', 'Read-2']);
    assert.deepEqual(
      ['Bash', 'get_weather', 'Read-2'].map((name) => known.toCli(name)),
      ['Bash', 'get_weather', 'Read-2'],
    );
  });

  test('that the CLI keeps for itself get another', () => {
    for (const name of ['ToolSearch', 'StructuredOutput']) assert.notEqual(toolNames([name]).toCli(name), name);
  });

  test('of a CLI that puts a prefix before them are understood', () => {
    const known = toolNames(['read', 'a b']);
    assert.equal(known.toClient('mcp__ocp__read'), 'read');
    assert.equal(known.toClient(`mcp__ocp__${known.toCli('a b')}`), 'a b');
  });

  test("that the CLI left out are found, under the client's names", () => {
    const wanted = ['read', 'a b', 'Task'];
    const known = toolNames(wanted);
    assert.deepEqual(missingTools(known, wanted, ['read', `mcp__ocp__${known.toCli('a b')}`, 'Other']), ['Task']);
  });
});
