import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Command } from '../../src/cli/command.ts';
import { CommandError, command } from '../../src/cli/command.ts';
import { helpLines, helpWidth } from '../../src/cli/help.ts';
import { dispatch } from '../../src/cli/dispatch.ts';
import { serveCommand } from '../../src/cli/serve-command.ts';
import { ConfigError } from '../../src/config/error.ts';
import { variables } from '../../src/config/variables.ts';

const packageRoot = fileURLToPath(new URL('../..', import.meta.url));

interface Outcome {
  readonly status: number;
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
}

async function run(
  argv: readonly string[],
  commands: Readonly<Record<string, Command>>,
  env: Record<string, string> = {},
): Promise<Outcome> {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const io = {
    stdout: (line: string) => void stdout.push(line),
    write: () => {},
    stderr: (line: string) => void stderr.push(line),
    signal: new AbortController().signal,
  };
  const status = await dispatch(argv, commands, { env, packageRoot, io });
  return { status, stdout, stderr };
}

function counting(body: (words: readonly string[]) => number): Command {
  return command({
    summary: 'does something',
    arguments: [{ name: 'WORD', description: 'any word', optional: true, rest: true }],
    options: { all: { type: 'boolean', short: 'a', description: 'everything' } },
    run: async ({ words }) => body(words),
  });
}

function failing(error: Error): Readonly<Record<string, Command>> {
  return {
    fail: counting(() => {
      throw error;
    }),
  };
}

describe('the command line', () => {
  it('shows the commands when asked, or when nothing is asked', async () => {
    for (const argv of [[], ['--help'], ['-h'], ['help']]) {
      const { status, stdout, stderr } = await run(argv, { work: counting(() => 1) });
      assert.equal(status, 0);
      assert.ok(stdout.includes('  work  does something'));
      assert.deepEqual(stderr, []);
    }
  });

  it('shows the version of the package', async () => {
    const { status, stdout } = await run(['--version'], {});
    assert.equal(status, 0);
    assert.match(stdout.join('\n'), /^\d+\.\d+\.\d+/);
  });

  it('gives a command its arguments, and the process its status', async () => {
    const commands = { work: counting((words) => words.length) };
    assert.equal((await run(['work', '-a', 'b', 'c'], commands)).status, 2);
    assert.equal((await run(['work'], commands)).status, 0);
  });

  it('answers what it does not understand with one line and the status 2', async () => {
    const commands = {
      strict: command(
        {
          summary: 'wants much',
          options: { size: { type: 'string', choices: ['big'], description: 'how big' } },
          run: async () => 0,
        },
        {
          one: command({
            summary: 'wants a name',
            arguments: [{ name: 'NAME', description: 'n' }],
            run: async () => 0,
          }),
        },
      ),
    };
    for (const argv of [
      ['nothing'],
      ['--nothing'],
      ['constructor'],
      ['strict', '--nothing'],
      ['strict', 'nothing'],
      ['strict', '--size', 'small'],
      ['strict', 'one'],
      ['strict', 'one', 'a', 'b'],
    ]) {
      const { status, stdout, stderr } = await run(argv, commands);
      assert.equal(status, 2, argv.join(' '));
      assert.deepEqual(stdout, []);
      assert.equal(stderr.length, 1);
      assert.match(stderr.join(), /^ocp: [^\n]+$/);
    }
  });

  it('finds the command below behind the options of both', async () => {
    const options = {
      json: { type: 'boolean', description: 'as JSON' },
      url: { type: 'string', short: 'u', description: 'where' },
    } as const;
    const told = (name: string): Command =>
      command({
        summary: 'tells',
        arguments: [{ name: 'WORD', description: 'any word', optional: true }],
        options,
        run: async ({ options: values, words }, { io }) => {
          io.stdout([name, values.json === true, values.url, ...words].join(' '));
          return 0;
        },
      });
    const commands = { keys: command({ summary: 'keys', options, run: async () => 1 }, { list: told('list') }) };
    for (const [line, said] of [
      ['list a --json', 'list true  a'],
      ['--json list a', 'list true  a'],
      ['--url list --json list a', 'list true list a'],
      ['-u list list', 'list false list'],
      ['--url=list list', 'list false list'],
    ] as const) {
      assert.deepEqual((await run(['keys', ...line.split(' ')], commands)).stdout, [said], line);
    }
    assert.equal((await run(['keys', '--json', '--', 'list'], commands)).status, 2);
    assert.match((await run(['keys', '--help', 'list'], commands)).stdout[0] ?? '', /^Usage: ocp keys list /u);
  });

  it('shows the help of a command, and of one below it', async () => {
    const below = counting(() => 1);
    const commands = { work: command({ summary: 'works', run: async () => 1 }, { more: below }) };
    const whole = await run(['work', '--help'], commands);
    assert.equal(whole.status, 0);
    assert.ok(whole.stdout.some((line) => line.includes('ocp work more [WORD…]')));
    const part = await run(['work', 'more', 'a', '-h'], commands);
    assert.equal(part.status, 0);
    assert.equal(part.stdout[0], 'Usage: ocp work more [WORD…] [--all]');
    assert.equal((await run(['work', 'more', '--', '-h'], commands)).status, 1, 'a word after -- is no option');
  });

  it('says which command was probably meant', async () => {
    const commands = { usage: counting(() => 0), keys: counting(() => 0) };
    for (const word of ['usgae', 'usag', 'Usage', 'usages']) {
      assert.match((await run([word], commands)).stderr.join(), /; did you mean ocp usage\?$/u, word);
    }
    for (const word of ['k', 'something', '--nonsense']) {
      assert.match((await run([word], commands)).stderr.join(), /; ocp --help lists what there is$/u, word);
    }
  });

  it('shows help that fits the terminal', () => {
    for (const columns of [40, 64, 100, 300]) {
      const lines = helpLines('serve', serveCommand, helpWidth(columns));
      const long = lines.filter((line) => line.length > Math.min(100, columns));
      // A word is never broken.
      assert.ok(
        long.every((line) => !line.trim().includes(' ')),
        long.join('\n'),
      );
    }
  });

  it('tells a wrong configuration from a failure', async () => {
    const wrong = await run(['fail'], failing(new ConfigError('CLAUDE_BIND', 'CLAUDE_BIND is wrong')));
    assert.deepEqual([wrong.status, wrong.stderr], [2, ['ocp: CLAUDE_BIND is wrong']]);

    const known = await run(['fail'], failing(new CommandError('the server does not answer')));
    assert.deepEqual([known.status, known.stderr], [1, ['ocp: the server does not answer']]);

    const busy = Object.assign(new Error('listen EADDRINUSE: 127.0.0.1:3456'), { code: 'EADDRINUSE' });
    const failed = await run(['fail'], failing(busy));
    assert.deepEqual([failed.status, failed.stderr], [1, ['ocp: listen EADDRINUSE: 127.0.0.1:3456']]);

    const fault = await run(['fail'], failing(new Error('a fault')));
    assert.equal(fault.status, 1);
    assert.match(fault.stderr.join(), /a fault\n\s+at /, 'a fault of OCP says where it happened');
  });
});

describe('ocp serve', () => {
  it('refuses a wrong configuration before anything starts', async () => {
    const { status, stderr } = await run(['serve'], { serve: serveCommand }, { HOME: '/nowhere', CLAUDE_TIMEOUT: '1' });
    assert.equal(status, 2);
    assert.deepEqual(stderr, [
      'ocp: CLAUDE_TIMEOUT is "1", but must be a whole number from 30000 to 1800000 ms, or a time from 30s to 30m',
    ]);
  });

  it('explains every variable', async () => {
    const { status, stdout } = await run(['serve', '--help'], { serve: serveCommand });
    assert.equal(status, 0);
    const text = stdout.join('\n');
    for (const { name } of variables) assert.ok(text.includes(`  ${name} `) || text.includes(`  ${name}\n`), name);
    assert.match(text, /CLAUDE_TIMEOUT[^\n]*\(10m\)/);
  });
});
