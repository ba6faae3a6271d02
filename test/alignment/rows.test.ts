import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { listedNames, nameProblems } from '../../alignment/check/cli.ts';
import { sourceProblems } from '../../alignment/check/sources.ts';
import { testProblems, testTitles } from '../../alignment/check/tests.ts';
import { writtenMembers } from '../../alignment/check/written.ts';
import { rows } from '../../alignment/rows/index.ts';
import { packageRoot } from '../support/ocp.ts';

const read = (...path: readonly string[]): string => readFileSync(join(packageRoot, ...path), 'utf8');
const titlesOf = (file: string): readonly string[] => testTitles(read(file));

test('every name of the CLI in the code has a row, and every row is used', () => {
  const files = new Map(
    readdirSync(join(packageRoot, 'src/claude'))
      .filter((name) => name.endsWith('.ts'))
      .map((name) => [name, read('src/claude', name)]),
  );
  assert.deepEqual(
    nameProblems({ rows, files, users: read('src/http/instance.ts'), written: writtenMembers(), listed: listedNames }),
    [],
  );
});

test('every row has a test, and every contract test a row', () => {
  const contract = readdirSync(join(packageRoot, 'alignment/contract'))
    .filter((name) => name.endsWith('.test.ts'))
    .flatMap((name) => titlesOf(join('alignment/contract', name)));
  assert.deepEqual(testProblems(rows, contract, titlesOf), []);
});

test('what is said to be published is', () => {
  assert.deepEqual(sourceProblems(rows, read('node_modules/@anthropic-ai/claude-agent-sdk/sdk.d.ts')), []);
});

test('what is said to stand in the CLI’s help does', async () => {
  const { stdout } = await promisify(execFile)(join(packageRoot, 'node_modules/.bin/claude'), ['--help'], {
    env: { PATH: '/usr/bin:/bin', HOME: tmpdir(), CLAUDE_CONFIG_DIR: tmpdir() },
  });
  const told = rows.flatMap(({ source }) => (typeof source === 'object' && 'help' in source ? [source.help] : []));
  const missing = told.filter((name) => !new RegExp(`(?:^|[\\s,])${name}(?![\\w-])`, 'mu').test(stdout));
  assert.deepEqual(missing, []);
  assert.ok(told.length > 10);
});
