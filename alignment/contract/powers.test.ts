import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { Cli } from './support/cli.ts';
import { lineOf, requestOf, textOf } from './support/cli.ts';
import { openSite } from './support/site.ts';
import type { Site } from './support/site.ts';
import { asked, bodyOf, setUp } from './support/told.ts';

const bash = (command: string): string => `[[tool:Bash {"command":"${command}","description":"test"}]]`;

suite('tools of the CLI itself', () => {
  let site: Site;
  let cli: Cli;
  before(async () => {
    site = await openSite();
    cli = site.start({ powers: { tools: ['Bash(echo *)'], skipPermissions: false, withContext: false } });
    cli.answerHooks();
    await setUp(cli);
  });
  after(async () => site[Symbol.asyncDispose]());

  test('are those of `--tools` and no other', async () => {
    const lines = await cli.turn(asked('[[text:hello]]'));
    assert.deepEqual(lineOf(lines, 'system', 'init')?.['tools'], ['Bash']);
    const names = (bodyOf(site.simulator.log.messages()[0])['tools'] as readonly { name: string }[]).map(
      ({ name }) => name,
    );
    assert.deepEqual(names, ['Bash']);
  });

  test('run without a question where a rule of `--allowedTools` covers the call', async () => {
    const from = cli.lines.length;
    const lines = await cli.turn(asked(bash('echo simulated-output')));
    assert.match(textOf(lines), /The tool Bash answered: simulated-output/);
    const asks = cli.lines.slice(from).map((line) => requestOf(line)['subtype']);
    assert.ok(!asks.includes('can_use_tool'));
  });

  test('are asked for over `--permission-prompt-tool=stdio` where none does, and a denial is the tool’s failure', async () => {
    const from = cli.lines.length;
    cli.tell(asked(bash('touch made-by-a-tool')));
    const permission = await cli.question('can_use_tool', from);
    assert.equal(requestOf(permission)['tool_name'], 'Bash');
    cli.reply(permission, { behavior: 'deny', message: 'The operator does not allow this.' });
    await cli.line((line) => line['type'] === 'result', from);
    assert.match(textOf(cli.lines.slice(from)), /The tool Bash failed: .*The operator does not allow this/);
    assert.ok(!existsSync(join(cli.cwd, 'made-by-a-tool')));
  });

  test('run after all when the question is answered with allow', async () => {
    const from = cli.lines.length;
    cli.tell(asked(bash('touch made-by-a-tool && echo made')));
    const permission = await cli.question('can_use_tool', from);
    cli.reply(permission, { behavior: 'allow', updatedInput: requestOf(permission)['input'] });
    await cli.line((line) => line['type'] === 'result', from);
    assert.match(textOf(cli.lines.slice(from)), /The tool Bash answered: made/);
    assert.ok(existsSync(join(cli.cwd, 'made-by-a-tool')));
  });
});
