import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import { jsonc } from '../../src/edit/jsonc.ts';
import type { Editor, Path } from '../../src/edit/settings.ts';
import { applySettings, EditError, valueAt, withoutValueAt, withValueAt } from '../../src/edit/settings.ts';
import { toml } from '../../src/edit/toml.ts';
import { yaml } from '../../src/edit/yaml.ts';
import { jsoncText, name, scalar, tomlText, yamlText } from './arbitraries.ts';

interface Text {
  readonly text: string;
  readonly value: Record<string, unknown>;
}

const formats: readonly (readonly [string, Editor, fc.Arbitrary<Text>])[] = [
  ['JSON', jsonc, jsoncText],
  ['YAML', yaml, yamlText],
  ['TOML', toml, tomlText],
];

/** A path into the content, or beside it: members that exist come first. */
const path = fc.array(name, { minLength: 1, maxLength: 3 });
const newValue = fc.oneof(
  scalar,
  fc.array(scalar, { maxLength: 2 }),
  fc.dictionary(name, scalar, { minKeys: 1, maxKeys: 2, noNullPrototype: true }),
);

/** Comments that a text holds; texts of the generator hold no others. */
function comments(text: string): readonly string[] {
  return text.match(/(?:#|\/\/) note \d+/g) ?? [];
}

function attempt(editor: Editor, text: string, at: Path, value: unknown): string | undefined {
  try {
    return applySettings(editor, text, [{ path: at, value }]);
  } catch (error) {
    assert.ok(error instanceof EditError, String(error));
    return undefined;
  }
}

for (const [format, editor, texts] of formats) {
  suite(format, () => {
    test('an edit says the new value, keeps all others and every comment; again it is no edit', () => {
      let refused = 0;
      let tried = 0;
      fc.assert(
        fc.property(texts, path, newValue, ({ text, value }, at, wanted) => {
          const changed = attempt(editor, text, at, wanted);
          tried += 1;
          if (changed === undefined) {
            refused += 1;
            return;
          }
          assert.deepEqual(valueAt(editor.parse(changed), at), wanted);
          assert.deepEqual(editor.parse(changed), withValueAt(value, at, wanted));
          const kept = comments(changed);
          const lost = comments(text).filter((comment) => !kept.includes(comment));
          const replaced =
            valueAt(value, at) !== undefined ||
            at.some((_, index) => {
              const before = valueAt(value, at.slice(0, index));
              return before !== undefined && (typeof before !== 'object' || before === null || Array.isArray(before));
            });
          if (!replaced) assert.deepEqual(lost, []);
          assert.equal(applySettings(editor, changed, [{ path: at, value: wanted }]), changed);
          assert.equal(text.startsWith('\uFEFF'), changed.startsWith('\uFEFF'));
          if (text.includes('\r\n')) assert.doesNotMatch(changed, /(?<!\r)\n/);
        }),
        { numRuns: 1000 },
      );
      assert.ok(refused < tried / 10, `${refused} of ${tried} were refused`);
    });

    test('what was added and taken out again leaves the same content, comments included', () => {
      fc.assert(
        fc.property(texts, name, newValue, ({ text, value }, member, wanted) => {
          fc.pre(!Object.hasOwn(value, member) && Object.keys(value).length > 0);
          const added = attempt(editor, text, [member], wanted);
          if (added === undefined) return;
          const removed = attempt(editor, added, [member], undefined);
          if (removed === undefined) return;
          assert.deepEqual(editor.parse(removed), withoutValueAt(value, [member]));
          assert.deepEqual(comments(removed), comments(text));
          if (format !== 'TOML') assert.equal(removed.trimEnd(), text.trimEnd());
        }),
        { numRuns: 1000 },
      );
    });
  });
}
