import * as fc from 'fast-check';
import { stringify as stringifyToml } from 'smol-toml';
import { stringify as stringifyYaml } from 'yaml';

/** Names as they occur in configurations, awkward ones included. */
export const name = fc.oneof(
  fc.stringMatching(/^[a-z][a-zA-Z0-9_-]{0,8}$/),
  fc.constantFrom('a.b', 'with space', 'it"s', "it's", 'über', '#no', 'claude-sonnet-5-5'),
);

export const scalar = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.constantFrom('# no comment', '// neither', '"""', "'''", 'a\nb', '{', ']', ': ', '- ', 'true', '1', '', ' '),
  fc.integer({ min: -1000, max: 1000 }),
  fc.boolean(),
);

const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scalar,
    fc.dictionary(name, tie('value'), { maxKeys: 3, noNullPrototype: true }),
    fc.array(scalar, { maxLength: 3 }),
  ),
}));

/** The content of a configuration. */
export const content = fc.dictionary(name, value, { maxKeys: 5, noNullPrototype: true });

const eol = fc.constantFrom('\n', '\r\n');
const mark = fc.constantFrom('', '', '\uFEFF');

/** Comments, put between the lines of a text where `may` allows it. */
function commented(text: string, marker: string, picks: readonly number[], may: (line: string) => boolean): string {
  return text
    .split('\n')
    .flatMap((line, index) => {
      const indent = /^ */.exec(line)?.[0] ?? '';
      return picks.includes(index) && may(line) ? [`${indent}${marker} note ${index}`, line] : [line];
    })
    .join('\n');
}

const picks = fc.array(fc.nat(12), { maxLength: 3 });

/** JSON with comments, in several layouts. */
export const jsoncText = fc
  .tuple(content, fc.constantFrom<(number | string)[]>(2, 4, '\t', 0), eol, mark, picks)
  .map(([value, indent, eol, mark, at]) => {
    const plain = JSON.stringify(value, undefined, indent);
    const text = indent === 0 ? plain : commented(plain, '//', at, (line) => !/^[\]}]/.test(line) || line !== '{');
    return { text: mark + `${text}\n`.replaceAll('\n', eol), value };
  });

export const yamlText = fc
  .tuple(content, fc.constantFrom(2, 4), fc.boolean(), fc.constantFrom('\n', '\n', '\r\n'), picks)
  .filter(([value, , , eol]) => eol === '\n' || !JSON.stringify(value).includes(String.raw`\n`))
  .map(([value, indent, indentSeq, eol, at]) => {
    const plain = stringifyYaml(value, { indent, indentSeq, lineWidth: 0 });
    // Inside of a block scalar a comment would be text.
    const text = /[|>][-+0-9]*\n/.test(plain) ? plain : commented(plain, '#', at, (line) => line !== '');
    return { text: text.replaceAll('\n', eol), value };
  });

export const tomlText = fc.tuple(content, eol, mark, picks).map(([value, eol, mark, at]) => {
  const text = commented(stringifyToml(value), '#', at, () => true);
  return { text: mark + text.replaceAll('\n', eol), value };
});
