import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { VariableDefinition } from '../../src/config/variables.ts';
import { variables } from '../../src/config/variables.ts';
import { configurationPage, replaceMarked, summaryTable } from '../../scripts/variables-docs.ts';
import { packageRoot } from '../support/ocp.ts';

const ports: VariableDefinition = {
  key: 'ports',
  name: 'SOME_PORTS',
  kind: 'integer',
  min: 1,
  max: 9,
  unit: 'ms',
  default: 5,
  description: 'One | many.',
};

describe('the documentation of the variables', () => {
  it('is up to date', () => {
    const read = (file: string): string => readFileSync(join(packageRoot, file), 'utf8');
    const hint = 'npm run docs writes it anew';
    assert.ok(read('docs/configuration.md') === configurationPage(variables), hint);
    const readme = read('README.md');
    assert.ok(readme === replaceMarked(readme, 'variables', summaryTable(variables)), hint);
  });

  it('shows values with their unit, in a table that stays one', () => {
    assert.equal(summaryTable([ports]).split('\n').at(-1), '| `SOME_PORTS` | `5ms` | One \\| many. |');
    assert.match(
      configurationPage([ports]),
      /One \| many.*\n\n- Values: a whole number from 1 to 9 ms, or a time from 1ms to 9ms\n- Default: `5ms`\n$/,
    );
  });

  it('replaces only what stands between its comments, and insists on them', () => {
    const text = 'a\n<!-- x:start -->\nold\n<!-- x:end -->\nb\n';
    assert.equal(replaceMarked(text, 'x', 'new'), 'a\n<!-- x:start -->\nnew\n<!-- x:end -->\nb\n');
    for (const broken of ['a\n', text + text, text.replace('x:end', 'y:end')]) {
      assert.throws(() => replaceMarked(broken, 'x', 'new'), /needs the comments x:start and x:end/);
    }
  });
});
