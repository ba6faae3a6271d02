import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandsPage, commandTable } from '../../scripts/commands-docs.ts';
import type { Command } from '../../src/cli/command.ts';
import { command } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/commands.ts';

function all(found: Readonly<Record<string, Command>>, above = ''): readonly (readonly [string, Command])[] {
  return Object.entries(found).flatMap(([name, each]) => [
    [`${above}${name}`, each] as const,
    ...all(each.subcommands, `${above}${name} `),
  ]);
}

test('the page has every command, and those below it, with every option', () => {
  const sections = new Map(
    commandsPage(commands)
      .split(/^#+ ocp /mu)
      .map((text) => [text.split('\n', 1)[0] ?? '', text]),
  );
  for (const [name, { options }] of all(commands)) {
    const section = sections.get(name) ?? '';
    assert.ok(section.includes(`Usage: ocp ${name}`), name);
    for (const option of Object.keys(options)) assert.ok(section.includes(`--${option}`), `${name} --${option}`);
  }
});

test('the table follows the commands', () => {
  const run = async (): Promise<number> => 0;
  const [row] = commandTable({
    work: command({ summary: 'this | that', run }, { more: command({ summary: 'more of it', run }) }),
  })
    .split('\n')
    .slice(2);
  assert.equal(row, String.raw`| [${'`ocp work`'}](docs/commands.md#ocp-work) | this \| that: ${'`more`'} |`);
  assert.equal(commandTable(commands).split('\n').length, Object.keys(commands).length + 2);
});
