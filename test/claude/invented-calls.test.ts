import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { startSimulator, toolAnswer } from '../../simulator/index.ts';
import { workerArguments, workerSwitches } from '../../src/claude/arguments.ts';
import { CliProcess } from '../../src/claude/cli-process.ts';
import { userLine } from '../../src/claude/protocol.ts';
import { initializeRequest, packSetup } from '../../src/claude/setup.ts';
import { toolNames } from '../../src/claude/tool-names.ts';
import { temporaryFolder } from '../support/temporary.ts';

const model = 'claude-sonnet-5-5';

test('the CLI asks before it goes on from a call that nobody offered, after it told the end of the message', async (t) => {
  const simulator = await startSimulator({
    script: [{ reply: toolAnswer({ name: 'Bash', input: { command: 'ls' } }) }],
  });
  t.after(async () => simulator.close());
  const seen = new PassThrough({ objectMode: true });
  const lines: string[] = [];
  const cli = realCli(t, simulator.url, (line) => {
    lines.push(line);
    if (line.includes('"hook_callback"')) seen.write('asked');
  });
  const setup = initializeRequest(packSetup({ model, system: [], tools: [] }), toolNames([]));
  cli.write(['{"type":"control_request","request_id":"r1","request":', ...setup, '}']);
  cli.write(userLine([JSON.stringify([{ type: 'text', text: 'Hello' }])], { query: true }));
  await once(seen, 'data', { signal: AbortSignal.timeout(20_000) });
  const end = lines.findIndex((line) => line.includes('"stop_reason":"tool_use"'));
  assert.ok(end >= 0 && end < lines.length - 1, 'the end of the message comes first');
  await fetch(`${simulator.url}/api/hello`);
  assert.equal(simulator.log.messages().length, 1);
});

function realCli(t: TestContext, simulatorUrl: string, onLine: (line: string) => void): CliProcess {
  const home = temporaryFolder(t);
  const env = {
    PATH: '/usr/bin:/bin',
    HOME: home,
    CLAUDE_CONFIG_DIR: home,
    ANTHROPIC_BASE_URL: simulatorUrl,
    ANTHROPIC_API_KEY: 'sk-ant-fake',
    ...workerSwitches,
  };
  const path = join(import.meta.dirname, '../../node_modules/.bin/claude');
  const cli = new CliProcess({ path, args: workerArguments(model), env, cwd: home }, onLine);
  t.after(async () => {
    cli.kill();
    await cli.ended;
  });
  return cli;
}
