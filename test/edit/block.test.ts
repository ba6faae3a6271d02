import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { withBlock, withoutBlock } from '../../src/edit/block.ts';
import { fishQuote, shQuote } from '../../src/edit/quote.ts';

const texts = fc
  .tuple(
    fc.array(fc.constantFrom('export A=1', '', '# a note', 'alias x="y z"', '  indented', 'é'), { maxLength: 6 }),
    fc.constantFrom('\n', '\r\n'),
    fc.boolean(),
  )
  .map(([lines, eol, ends]) => lines.join(eol) + (ends && lines.length > 0 ? eol : ''));
const lines = fc.array(fc.stringMatching(/^export [A-Z]+=[a-z:/0-9.]+$/), { minLength: 1, maxLength: 3 });

test('a block comes to the end once, and goes without a trace', () => {
  fc.assert(
    fc.property(texts, lines, lines, (text, first, second) => {
      const once = withBlock(text, first);
      assert.equal(withBlock(once, first), once);
      assert.ok(once.startsWith(text));
      const changed = withBlock(once, second);
      assert.equal(changed.match(/>>> ocp >>>/g)?.length, 1);
      assert.equal(changed, withBlock(text, second));
      const whole = text === '' || text.endsWith('\n') ? text : text + (text.includes('\r\n') ? '\r\n' : '\n');
      assert.equal(withoutBlock(changed), whole);
    }),
  );
});

test('what follows a block stays behind it', () => {
  const text = `${withBlock('a\n', ['export X=1'])}b\n`;
  assert.equal(withBlock(text, ['export X=2']), text.replace('X=1', 'X=2'));
  assert.equal(withoutBlock(text), 'a\nb\n');
});

test('the block of an earlier ocp-connect is replaced', () => {
  const earlier =
    'alias a=b\n\n# OCP LAN (added by ocp connect)\nexport OPENAI_BASE_URL=http://10.0.0.7:3456/v1\nexport OPENAI_API_KEY=old\nexport EDITOR=vi\n';
  assert.equal(
    withBlock(earlier, ['export OPENAI_BASE_URL=x']),
    'alias a=b\n\n# >>> ocp >>>\nexport OPENAI_BASE_URL=x\n# <<< ocp <<<\nexport EDITOR=vi\n',
  );
  assert.equal(withoutBlock(earlier), 'alias a=b\nexport EDITOR=vi\n');
});

const shells = [
  ['/bin/sh', shQuote],
  ['/usr/bin/zsh', shQuote],
  ['/usr/bin/fish', fishQuote],
] as const;

for (const [shell, quote] of shells) {
  test(`${shell} reads a quoted value as it is`, { skip: !existsSync(shell) && `${shell} is not here` }, () => {
    const values = ["it's", 'a"b', '$(reboot)', '`x`', String.raw`\n\'\\`, '#!*?~', '{a,b}', '\\'];
    const words = values.map((value) => quote(value)).join(' ');
    const noConfig = shell.endsWith('fish') ? ['--no-config'] : shell.endsWith('zsh') ? ['-f'] : [];
    const output = execFileSync(shell, [...noConfig, '-c', `printf '%s\\n' ${words}`], { encoding: 'utf8', env: {} });
    assert.deepEqual(output.trimEnd().split('\n'), values);
  });
}
