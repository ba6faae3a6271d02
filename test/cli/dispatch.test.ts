import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Command } from '../../src/cli/command.ts';
import { dispatch } from '../../src/cli/dispatch.ts';
import { serveCommand } from '../../src/cli/serve.ts';
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

function command(body: (argv: readonly string[]) => number): Command {
  return { summary: 'does something', run: async (argv) => body(argv) };
}

function failing(error: Error): Readonly<Record<string, Command>> {
  return {
    fail: command(() => {
      throw error;
    }),
  };
}

describe('the command line', () => {
  it('shows the commands when asked, or when nothing is asked', async () => {
    for (const argv of [[], ['--help'], ['-h'], ['help']]) {
      const { status, stdout, stderr } = await run(argv, { work: command(() => 1) });
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
    const commands = { work: command((argv) => argv.length) };
    assert.equal((await run(['work', '--a', 'b'], commands)).status, 2);
    assert.equal((await run(['work'], commands)).status, 0);
  });

  it('answers what it does not understand with one line and the status 2', async () => {
    const commands = {
      strict: command((argv) => {
        parseArgs({ args: [...argv], options: {} });
        return 0;
      }),
    };
    for (const argv of [['nothing'], ['--nothing'], ['constructor'], ['strict', '--nothing'], ['strict', 'nothing']]) {
      const { status, stdout, stderr } = await run(argv, commands);
      assert.equal(status, 2, argv.join(' '));
      assert.deepEqual(stdout, []);
      assert.equal(stderr.length, 1);
      assert.match(stderr.join(), /^ocp: [^\n]+$/);
    }
  });

  it('tells a wrong configuration from a failure', async () => {
    const wrong = await run(['fail'], failing(new ConfigError('CLAUDE_BIND', 'CLAUDE_BIND is wrong')));
    assert.deepEqual([wrong.status, wrong.stderr], [2, ['ocp: CLAUDE_BIND is wrong']]);

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
    assert.deepEqual(stderr, ['ocp: CLAUDE_TIMEOUT is "1", but must be a whole number from 30000 to 1800000 ms']);
  });

  it('explains every variable', async () => {
    const { status, stdout } = await run(['serve', '--help'], { serve: serveCommand });
    assert.equal(status, 0);
    const text = stdout.join('\n');
    for (const { name } of variables) assert.ok(text.includes(`  ${name} (`), name);
    assert.match(text, /CLAUDE_TIMEOUT \(600000 ms\)/);
  });
});
