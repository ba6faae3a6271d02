import process from 'node:process';
import { complain, maybeExit, startGrandchild } from './faults.ts';
import { Replay } from './replay.ts';
import type { Scenario } from './scenario.ts';
import { readScenario } from './scenario.ts';
import { Session } from './session.ts';

/** The scripted CLI as a program: the commands that OCP runs, and the worker. */

const configDir = process.env['CLAUDE_CONFIG_DIR'] ?? process.cwd();
const scenario = readScenario(configDir);
const version = scenario.version ?? '2.1.330';
const args = process.argv.slice(2);

if (args[0] === '--version') {
  process.stdout.write(`${version} (Claude Code)\n`);
} else if (args[0] === 'auth' && args[1] === 'status') {
  const loggedIn = scenario.loggedIn ?? true;
  process.stdout.write(`${JSON.stringify({ loggedIn, authMethod: loggedIn ? 'api_key' : 'none' })}\n`);
  process.exitCode = loggedIn ? 0 : 1;
} else if (args.includes('--input-format=stream-json')) {
  await runWorker();
} else {
  process.stderr.write(`the scripted CLI does not know: ${args.join(' ')}\n`);
  process.exitCode = 64;
}

async function runWorker(): Promise<void> {
  const ignores: Scenario['ignores'] = scenario.ignores ?? [];
  if (ignores.includes('SIGTERM')) process.on('SIGTERM', () => {});
  complain(scenario);
  await startGrandchild(scenario, configDir);
  maybeExit(scenario, 'start', configDir);
  const model = args.find((argument) => argument.startsWith('--model='))?.slice('--model='.length) ?? 'claude-fake';
  const session =
    scenario.replay === undefined
      ? new Session({ scenario, configDir, model, version })
      : new Replay(scenario.replay, version);
  let rest = '';
  process.stdin.setEncoding('utf8');
  process.stdin.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') session.onLine(line);
  });
  process.stdin.on('end', () => {
    if (ignores.includes('end of input')) setInterval(() => {}, 60_000);
    else process.exit(0);
  });
}
