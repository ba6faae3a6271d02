import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { accessSync, constants, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { suite, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { commands } from '../../../src/cli/commands.ts';
import { completionNodes } from '../../../src/cli/completion/tree.ts';
import { runOcp } from '../../support/command.ts';
import { fakeExecutable, temporaryFolder } from '../../support/temporary.ts';

const path = '/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin';
const answering = 'printf "anna-of-%s\\nbob-of-%s\\n" "$3" "$3"';

function isHere(program: string): boolean {
  return path.split(':').some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** A command line before the Tab key, what is then offered, and what is not. */
const cases: readonly (readonly [line: string, offered: readonly string[], absent: readonly string[]])[] = [
  ['ocp ', ['serve', 'usage', 'keys', 'completion'], ['list', '--json']],
  ['ocp keys ', ['list', 'add', 'rotate', 'revoke'], ['serve']],
  ['ocp keys add laptop --usd', ['--usd-daily', '--usd-monthly'], ['--json']],
  ['ocp keys set laptop --server-tools ', ['on', 'off'], ['list']],
  ['ocp logs 20 ', ['error', 'warn', 'all'], ['serve']],
  ['ocp logs --url http://127.0.0.1:1 20 ', ['error', 'warn', 'all'], ['serve']],
  ['ocp settings max', ['maxConcurrent', 'maxPromptChars'], ['timeout']],
  ['ocp completion ', ['bash', 'zsh', 'fish', 'names'], ['serve']],
  // What the running server knows; here a program that says what it was asked for.
  ['ocp keys show ', ['anna-of-keys', 'bob-of-keys'], ['list']],
  ['ocp test --model ', ['anna-of-models', 'bob-of-models'], ['--json']],
];

suite('completion', () => {
  const script = async (t: TestContext, shell: string): Promise<{ readonly home: string; readonly file: string }> => {
    const home = temporaryFolder(t);
    const file = join(home, `ocp.${shell}`);
    const { status, out } = await runOcp(['completion', shell]);
    assert.equal(status, 0);
    writeFileSync(file, out);
    fakeExecutable(join(home, 'bin/ocp'), answering);
    return { home, file };
  };
  const run = (program: string, args: readonly string[], home: string): string =>
    execFileSync(program, [...args], {
      encoding: 'utf8',
      env: { PATH: `${join(home, 'bin')}:${path}`, HOME: home, TERM: 'xterm', LC_ALL: 'C.UTF-8' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
    });
  const check = (
    line: string,
    words: readonly string[],
    offered: readonly string[],
    absent: readonly string[],
  ): void => {
    for (const word of offered) assert.ok(words.includes(word), `${line}${word}: ${words.join(' ')}`);
    for (const word of absent) assert.ok(!words.includes(word), `${line}${word}: ${words.join(' ')}`);
  };

  test('in bash', { skip: !isHere('bash') && 'bash is not installed' }, async (t) => {
    const { home, file } = await script(t, 'bash');
    for (const [line, offered, absent] of cases) {
      const words = line.split(' ').map((word) => `'${word}'`);
      const source = `. "$1"; COMP_WORDS=(${words.join(' ')}); COMP_CWORD=${words.length - 1}; _ocp; printf '%s\\n' "\${COMPREPLY[@]}"`;
      check(line, run('bash', ['--norc', '-c', source, 'bash', file], home).split('\n'), offered, absent);
    }
  });

  test('in fish', { skip: !isHere('fish') && 'fish is not installed' }, async (t) => {
    const { home, file } = await script(t, 'fish');
    mkdirSync(join(home, '.config/fish'), { recursive: true });
    const asked = cases.map(([line]) => `echo '== ${line}'; complete -C '${line}'`).join('; ');
    const parts = run('fish', ['-c', `source "$argv[1]"; ${asked}`, file], home)
      .split('== ')
      .slice(1);
    for (const [index, [line, offered, absent]] of cases.entries()) {
      const words = (parts[index] ?? '').split('\n').map((each) => each.split('\t', 1)[0] ?? '');
      check(line, words, offered, absent);
    }
  });

  test('in zsh', { skip: !isHere('zsh') && 'zsh is not installed' }, async (t) => {
    const { home, file } = await script(t, 'zsh');
    // A zsh of its own at a terminal of its own, since only the line editor completes.
    const driver = `
zmodload zsh/zpty
zpty shell "zsh -f -i"
zpty -w shell 'PS1=; COLUMNS=200; LINES=200; unset zle_bracketed_paste; autoload -Uz compinit; compinit -u -D; source "${file}"; setopt no_beep; LISTMAX=0; bindkey "^I" complete-word; print -r START$((1+1))'
zpty -r shell out '*START2*'
# The line editor lists nothing while more is typed: what ends the line is sent when the last word is there.
for line last in "$@"; do
  zpty -w -n shell "$line"$'\\t'
  zpty -r shell out "*$last*"
  print -r -- "== $out"
  zpty -w shell $'\\C-u'"print -r END\\$((1+1))"
  zpty -r shell out '*END2*'
done
zpty -d shell`;
    // A list that is longer than the screen is asked about first, and what begins alike is written into the line.
    const listed = cases.filter(
      ([line]) => line !== 'ocp ' && !line.includes('--server-tools') && !line.includes('--usd'),
    );
    const out = run(
      'zsh',
      ['-f', '-c', driver, 'zsh', ...listed.flatMap(([line, offered]) => [line, offered.toSorted().at(-1) ?? ''])],
      home,
    );
    const parts = out.split('== ').slice(1);
    for (const [index, [line, offered, absent]] of listed.entries()) {
      check(
        line,
        stripVTControlCharacters(parts[index] ?? '').split(/[\s]+/u),
        offered,
        absent.filter((word) => word !== 'list'),
      );
    }
  });

  test('knows every command and every option that help knows', async () => {
    const nodes = completionNodes(commands);
    const help = new Map(nodes.map((node) => [node.path.join(' '), node]));
    for (const { path: words, below } of nodes) {
      for (const { word } of below) assert.ok(help.has([...words, word].join(' ')), word);
    }
    for (const shell of ['bash', 'zsh', 'fish']) {
      const { out } = await runOcp(['completion', shell]);
      for (const { options } of nodes) {
        for (const { word } of options)
          assert.ok(out.includes(shell === 'fish' ? `-l ${word.slice(2)}` : word), `${shell} ${word}`);
      }
    }
    assert.equal((await runOcp(['completion', 'tcsh'])).status, 2);
    assert.equal((await runOcp(['completion'])).status, 2);
  });
});
