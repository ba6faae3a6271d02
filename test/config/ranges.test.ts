import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { readConfiguration } from '../../src/config/configuration.ts';
import type { Config } from '../../src/config/config.ts';
import { ConfigError } from '../../src/config/error.ts';
import { settings, variableOf } from '../../src/config/settings.ts';
import type { VariableDefinition } from '../../src/config/variables.ts';
import { variables } from '../../src/config/variables.ts';
import { asAdmin, startMulti } from '../support/admin.ts';
import { adminKey } from '../support/admin.ts';
import { runOcp } from '../support/command.ts';
import { fakeClaudeBinary } from '../support/fake-claude.ts';
import { temporaryFolder } from '../support/temporary.ts';

type Integer = Extract<VariableDefinition, { kind: 'integer' }>;

const numbers = (variables as readonly VariableDefinition[]).filter((row): row is Integer => row.kind === 'integer');
const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, days: 86_400_000 };

/** Values at the edges of a range and just beyond, in every spelling that the row takes. */
function spellings({ min, max, unit = '' }: Pick<Integer, 'min' | 'max'> & { readonly unit?: string }) {
  const ms = unitMs[unit];
  return [min - 1, min, max, max + 1]
    .filter((value) => value >= 0)
    .flatMap((value) => [
      { value, text: String(value), isIn: value >= min && value <= max },
      ...(ms === undefined ? [] : [{ value, text: `${value * ms}ms`, isIn: value >= min && value <= max }]),
    ]);
}

const never = ['5 apples', '1.5', '-1', 'NaN', '1e3', '0x10', 'Infinity'];

suite('one range for one setting, whichever way a value comes in', { timeout: 60_000 }, () => {
  for (const row of numbers) {
    test(`${row.name}: environment and config.json`, (t) => {
      const home = temporaryFolder(t);
      mkdirSync(join(home, '.ocp'));
      const viaEnvironment = (text: string): unknown => valueOf(row, () => ({ HOME: home, [row.name]: text }));
      const viaFile = (text: string, typed: unknown): unknown =>
        valueOf(row, () => {
          writeFileSync(join(home, '.ocp/config.json'), JSON.stringify({ [row.name]: typed ?? text }));
          return { HOME: home };
        });
      for (const { value, text, isIn } of spellings(row)) {
        const expected = isIn ? value : 'refused';
        assert.equal(viaEnvironmentAlone(home, viaEnvironment, text), expected, text);
        assert.equal(viaFile(text, undefined), expected, `config.json ${text}`);
        if (/^\d+$/u.test(text)) assert.equal(viaFile(text, value), expected, `config.json ${text} as a number`);
      }
      for (const text of never) {
        assert.equal(viaEnvironmentAlone(home, viaEnvironment, text), 'refused', text);
        assert.equal(viaFile(text, undefined), 'refused', text);
      }
    });
  }

  test('the settings: PATCH /settings, ocp settings, and what the dashboard is told', async () => {
    await using ocp = await startMulti({ env: { CLAUDE_BIN: fakeClaudeBinary } });
    const env = { OCP_PROXY_URL: ocp.url, OCP_ADMIN_KEY: adminKey };
    for (const setting of settings) {
      const row = numbers.find(({ name }) => name === variableOf(setting));
      assert.ok(row !== undefined);
      const { body } = await asAdmin(ocp, 'GET', '/settings');
      const told = (body as Record<string, { min: number; max: number; unit: string }>)[setting.name];
      assert.deepEqual([told?.min, told?.max, told?.unit], [row.min, row.max, row.unit ?? ''], setting.name);
      for (const { value, text, isIn } of spellings(row)) {
        const wanted = /^\d+$/u.test(text) ? value : text;
        const patched = await asAdmin(ocp, 'PATCH', '/settings', { [setting.name]: wanted });
        assert.equal(patched.status, isIn ? 200 : 400, `${setting.name} ${text}: ${patched.text}`);
        const said = await runOcp(['settings', setting.name, text, '--json'], { env });
        assert.equal(said.status, isIn ? 0 : 1, `ocp settings ${setting.name} ${text}: ${said.err}`);
        if (!isIn) continue;
        const { results } = JSON.parse(said.out) as { results: Record<string, { value: number }> };
        assert.equal(results[setting.name]?.value, value, text);
      }
      for (const wrong of [...never, '5m5m', row.min + 0.5, true, [], {}]) {
        const { status, text } = await asAdmin(ocp, 'PATCH', '/settings', { [setting.name]: wrong });
        assert.equal(status, 400, `${setting.name} ${JSON.stringify(wrong)}: ${text}`);
      }
    }
  });
});

/** What the row becomes, or that it is refused with one line that names it. */
function valueOf(row: Integer, env: () => Record<string, string>): unknown {
  try {
    return readConfiguration(env()).config[row.key as keyof Config];
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    assert.equal(error.variable, row.name);
    assert.match(error.message, new RegExp(`${row.name}[^\\n]*from ${row.min} to ${row.max}`, 'u'));
    return 'refused';
  }
}

function viaEnvironmentAlone(home: string, read: (text: string) => unknown, text: string): unknown {
  writeFileSync(join(home, '.ocp/config.json'), '{}');
  return read(text);
}
