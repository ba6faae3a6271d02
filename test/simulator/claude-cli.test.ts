import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import type { Simulator } from '../../simulator/index.ts';
import { startSimulator, textAnswer, thinkingAnswer } from '../../simulator/index.ts';
import { model } from './support.ts';

const claude = join(import.meta.dirname, '../../node_modules/.bin/claude');

describe('behind the real Claude CLI', () => {
  let home = '';
  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'ocp-simulator-'));
  });
  after(() => rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }));

  /** One question, with an environment of its own: nothing of this machine's login or settings can reach the CLI. */
  function ask(
    simulator: Simulator,
    prompt: string,
    flags: readonly string[] = [],
    login: Readonly<Record<string, string>> = apiKey,
  ): ChildProcess {
    const fixed = ['--no-session-persistence', '--strict-mcp-config', '--setting-sources', '', '--verbose'];
    const args = ['-p', prompt, '--model', model, '--output-format', 'stream-json', ...fixed, ...flags];
    return spawn(claude, args, {
      cwd: home,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        PATH: '/usr/bin:/bin',
        HOME: home,
        CLAUDE_CONFIG_DIR: join(home, 'config'),
        ANTHROPIC_BASE_URL: simulator.url,
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        CLAUDE_CODE_MAX_RETRIES: '0',
        DISABLE_AUTOUPDATER: '1',
        ...login,
      },
    });
  }

  async function lines(child: ChildProcess): Promise<readonly Record<string, unknown>[]> {
    assert.ok(child.stdout);
    const output = await text(child.stdout);
    return output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  test('a question is answered, and the same again reads the prompt cache', async () => {
    await using simulator = await startSimulator({ script: [{ reply: thinkingAnswer('hm', 'pong 🏓') }] });
    const result = (await lines(ask(simulator, 'ping', ['--tools', '']))).at(-1);
    assert.deepEqual([result?.['type'], result?.['result'], result?.['is_error']], ['result', 'pong 🏓', false]);
    await lines(ask(simulator, 'ping', ['--tools', '']));
    const [first, second] = simulator.log.messages();
    assert.equal(first?.usage?.['cache_read_input_tokens'], 0);
    assert.ok(Number(second?.usage?.['cache_read_input_tokens']) > 0);
    assert.deepEqual(
      simulator.log.all.filter((record) => record.outcome !== 'completed' && record.status !== 404),
      [],
    );
  });

  test('the CLI runs the tool that the prompt asks for, and its result is quoted', async () => {
    await using simulator = await startSimulator();
    const flags = ['--tools', 'Bash', '--allowedTools', 'Bash(echo:*)'];
    const result = (await lines(ask(simulator, 'Run `echo simulated-output`', flags))).at(-1);
    assert.match(String(result?.['result']), /The tool Bash answered: simulated-output/);
    assert.equal(simulator.log.messages().length, 2);
  });

  test('structured output satisfies the schema that the CLI was given', async () => {
    await using simulator = await startSimulator();
    const schema = { type: 'object', properties: { n: { type: 'integer', minimum: 40 } }, required: ['n'] };
    const flags = ['--tools', '', '--json-schema', JSON.stringify(schema)];
    const result = (await lines(ask(simulator, 'a number', flags))).at(-1);
    assert.deepEqual(result?.['structured_output'], { n: 40 });
  });

  test('a subscription’s plan comes out of the CLI as a rate_limit_event', async () => {
    await using simulator = await startSimulator();
    simulator.plan = { ...simulator.plan, fiveHour: { ...simulator.plan.fiveHour, utilization: 0.42 } };
    const events = await lines(ask(simulator, 'hi', ['--tools', ''], subscription));
    const event = events.find((line) => line['type'] === 'rate_limit_event');
    assert.match(JSON.stringify(event), /"utilization":0\.42/);
  });

  test('an error status is what the CLI reports', async () => {
    await using simulator = await startSimulator();
    const result = (await lines(ask(simulator, '[[error:529]]', ['--tools', '']))).at(-1);
    assert.deepEqual([result?.['is_error'], result?.['api_error_status']], [true, 529]);
  });

  test('a CLI that is stopped in the middle of a stream is noticed', async () => {
    const reply = textAnswer('one two', { fault: { kind: 'stall', afterTokens: 1 } });
    await using simulator = await startSimulator({ script: [{ reply }] });
    const child = ask(simulator, 'hi', ['--tools', '']);
    await simulator.log.waitFor((record) => record.tokensSent === 1);
    child.kill('SIGINT');
    const record = await simulator.log.waitFor((entry) => entry.outcome === 'client_closed');
    assert.equal(record.tokensSent, 1);
  });
});

const apiKey = { ANTHROPIC_API_KEY: 'sk-ant-fake' };
const subscription = { CLAUDE_CODE_OAUTH_TOKEN: 'sk-ant-oat01-fake' };
