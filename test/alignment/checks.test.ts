import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { NameCheck } from '../../alignment/check/cli.ts';
import { nameProblems } from '../../alignment/check/cli.ts';
import { endpointProblems } from '../../alignment/check/endpoints.ts';
import { namesIn } from '../../alignment/check/names.ts';
import { sourceProblems } from '../../alignment/check/sources.ts';
import { testProblems, testTitles } from '../../alignment/check/tests.ts';
import type { Kind, Row } from '../../alignment/rows/row.ts';

function row(kind: Kind, name: string, more: Partial<Row> = {}): Row {
  return { kind, name, use: 'it', source: 'observed', tests: ['suite: proves it'], ...more };
}

/** A small code base that agrees with its rows. */
const sound: NameCheck = {
  rows: [
    row('flag', '--model'),
    row('variable', 'HOME'),
    row('request', 'initialize', { fields: ['systemPrompt'] }),
    row('question', 'can_use_tool', { fields: ['tool_use_id'] }),
    row('read', 'result', { fields: ['is_error'] }),
  ],
  files: new Map([
    [
      'protocol.ts',
      "export interface ResultLine {\n  readonly is_error: boolean;\n}\nif (line.is_error) return 'result';\n",
    ],
    ['gate.ts', "case 'can_use_tool': return request['tool_use_id'];"],
    ['start.ts', "ask('initialize'); flag('--model', model); // a comment on 'of_tomorrow' and --other\n"],
  ]),
  users: '',
  written: new Set(['systemPrompt']),
  listed: { command: [], flag: ['--model'], variable: ['HOME'], request: ['initialize'], question: ['can_use_tool'] },
};

const withFile = (text: string): NameCheck => ({ ...sound, files: new Map([...sound.files, ['new.ts', text]]) });

suite('names of the CLI', () => {
  test('are found in flags, variables, words and members, and not in comments', () => {
    const { flags, variables, words, members } = namesIn(
      "run(['--flag=1', `--model=${m}`]); env['SOME_VAR']; const o = { OTHER_VAR: '1' }; 'a_word'; z.object({ shape: z.string() });" +
        " line['member']; x as Plan['typed']; /* 'not_this' */",
    );
    assert.deepEqual([...flags], ['--flag', '--model']);
    assert.deepEqual([...variables], ['SOME_VAR', 'OTHER_VAR']);
    assert.deepEqual([...words], ['a_word']);
    assert.deepEqual([...members], ['member', 'shape']);
  });

  test('are sound when code, tables and rows agree', () => {
    assert.deepEqual(nameProblems(sound), []);
  });

  test('fail in the code without a row', () => {
    assert.deepEqual(nameProblems(withFile("flag('--of-tomorrow')")), ['new.ts uses --of-tomorrow, which has no row']);
    assert.deepEqual(nameProblems(withFile("{ CLAUDE_CODE_NEW: '1' }")), [
      'new.ts uses CLAUDE_CODE_NEW, which has no row',
    ]);
    assert.deepEqual(nameProblems(withFile("line['new_member']")), ['new.ts uses new_member, which has no row']);
    assert.deepEqual(nameProblems(withFile("case 'new_question':")), ['new.ts uses new_question, which has no row']);
    assert.deepEqual(nameProblems({ ...sound, written: new Set(['systemPrompt', 'extra']) }), [
      'OCP writes extra, which has no row',
    ]);
  });

  test('fail in a table without a row, and in a row without a table', () => {
    const listed = { ...sound.listed, variable: ['HOME', 'NEW_ONE'] };
    assert.deepEqual(nameProblems({ ...sound, listed }), ['the variable NEW_ONE has no row']);
    const rows = [...sound.rows, row('flag', '--old')];
    assert.ok(nameProblems({ ...sound, rows }).includes('no table of cli-names.ts has the flag --old'));
  });

  test('fail in a row that the code does not use, and in two rows of one name', () => {
    const rows = [...sound.rows, row('read', 'system', { fields: ['unread'] })];
    assert.deepEqual(nameProblems({ ...sound, rows }), [
      'a row has system, which the code does not use',
      'a row has unread, which the code does not use',
    ]);
    assert.deepEqual(nameProblems({ ...sound, rows: [...sound.rows, row('read', 'result')] }), [
      'two rows have the read result',
    ]);
    // A member that stands in a type alone is not used.
    const typed = "export interface InitLine {\n  readonly is_error: boolean;\n}\nreturn 'result';\n";
    assert.deepEqual(nameProblems({ ...sound, files: new Map([...sound.files, ['protocol.ts', typed]]) }), [
      'a row has is_error, which the code does not use',
    ]);
  });
});

suite('tests of rows', () => {
  const contract = testTitles("suite('suite', () => {\n  test('proves it', f);\n  test(`of '${name}' too`, f);\n});\n");

  test('are found by their suites', () => {
    assert.deepEqual(contract, ['suite: proves it', "suite: of '${name}' too"]);
  });

  test('must be there for each row, and each must be named', () => {
    const all = [row('flag', '--a'), row('flag', '--b', { tests: ["suite: of 'this' too"] })];
    assert.deepEqual(
      testProblems(all, contract, () => undefined),
      [],
    );
    assert.deepEqual(
      testProblems([...all, row('flag', '--c', { tests: [] })], contract, () => undefined),
      ['the flag --c has no test'],
    );
    assert.deepEqual(
      testProblems([...all, row('flag', '--c', { tests: ['suite: gone'] })], contract, () => undefined),
      ['the flag --c names no test: suite: gone'],
    );
    assert.deepEqual(
      testProblems(all.slice(1), contract, () => undefined),
      ['no row names the contract test: suite: proves it'],
    );
  });

  test('may be tests of OCP’s own, by their file', () => {
    const own = [row('flag', '--a', { tests: ['test/a.test.ts: works', 'suite: proves it'] })];
    const found = testProblems(own, ['suite: proves it'], (file) =>
      file === 'test/a.test.ts' ? ['works'] : undefined,
    );
    assert.deepEqual(found, []);
    assert.equal(testProblems(own, ['suite: proves it'], () => undefined).length, 1);
  });
});

test('a published type that is not there, and a member that it does not know, fail', () => {
  const types = 'export declare type SDKThing = {\n    known: string;\n};\n';
  const thing = (fields: readonly string[], sdk = 'SDKThing', observed: readonly string[] = []): Row =>
    row('read', 'thing', { source: { sdk }, fields, observed });
  assert.deepEqual(sourceProblems([thing(['known']), thing(['guessed'], 'SDKThing', ['guessed'])], types), []);
  assert.deepEqual(sourceProblems([thing(['known'], 'SDKOther')], types), ['there is no published type SDKOther']);
  assert.equal(sourceProblems([thing(['guessed'])], types).length, 1);
});

test('a route without an authority, one that is gone, and a document that is not there fail', () => {
  const rows = [{ method: 'GET', path: '/a', authority: [{ document: 'docs/a.md' }] }];
  const there = (): boolean => true;
  const a = { method: 'GET', path: '/a' };
  assert.deepEqual(endpointProblems(rows, [a], there), []);
  assert.deepEqual(endpointProblems(rows, [a, { method: 'POST', path: '/a' }], there), ['POST /a has no authority']);
  assert.deepEqual(endpointProblems(rows, [], there), ['GET /a is not served']);
  assert.deepEqual(
    endpointProblems(rows, [a], () => false),
    ['GET /a names no document: docs/a.md'],
  );
});
