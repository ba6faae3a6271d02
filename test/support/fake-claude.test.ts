import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { startSimulator } from '../../simulator/index.ts';
import { workerArguments, workerSwitches } from '../../src/claude/arguments.ts';
import { findClaude } from '../../src/claude/binary.ts';
import type { CliCommand } from '../../src/claude/cli-process.ts';
import { CliProcess } from '../../src/claude/cli-process.ts';
import type { JsonPieces } from '../../src/claude/packed/messages.ts';
import type { CliLine } from '../../src/claude/protocol.ts';
import { assistantLine, clearLine, readLine, userLine } from '../../src/claude/protocol.ts';
import { initializeRequest, packSetup } from '../../src/claude/setup.ts';
import { toolNames } from '../../src/claude/tool-names.ts';
import { fakeClaude } from './fake-claude.ts';
import { temporaryFolder } from './temporary.ts';

const model = 'claude-sonnet-4-6';
const tool = { name: 'lookup', description: 'Looks a word up.', input_schema: { type: 'object' as const } };

test('the scripted CLI answers the commands that OCP runs, from any folder', (t) => {
  const { binary, env } = fakeClaude(t, { version: '2.1.400' });
  const run = (...args: string[]): string => execFileSync(binary, args, { env, encoding: 'utf8', cwd: '/' });
  assert.equal(run('--version'), '2.1.400 (Claude Code)\n');
  assert.deepEqual(JSON.parse(run('auth', 'status')), { loggedIn: true, authMethod: 'api_key' });
});

test('the scripted CLI writes the lines that the real one writes', async (t) => {
  const scripted = fakeClaude(t, { calls: [{ name: 'lookup', input: { word: 'warm' } }], tokens: 3 });
  assert.deepEqual(await kindsOfDialogue(t, scripted.command), await kindsOfDialogue(t, await realCommand(t)));
});

async function realCommand(t: TestContext): Promise<CliCommand> {
  const packageRoot = join(import.meta.dirname, '..', '..');
  const binary = await findClaude({ claudeBin: undefined, path: undefined, packageRoot });
  assert.ok(binary, 'npm installs the CLI');
  const simulator = await startSimulator();
  t.after(async () => simulator.close());
  const home = temporaryFolder(t);
  const env = {
    PATH: '/usr/bin:/bin',
    HOME: home,
    CLAUDE_CONFIG_DIR: home,
    ANTHROPIC_BASE_URL: simulator.url,
    ANTHROPIC_API_KEY: 'sk-ant-fake',
    ...workerSwitches,
  };
  return { path: binary.path, args: workerArguments(model), env, cwd: home };
}

/** Leads a conversation with every kind of line, and tells the kinds that came back; repeats of a kind are left out. */
async function kindsOfDialogue(t: TestContext, command: CliCommand): Promise<readonly string[]> {
  const dialogue = new Dialogue(command);
  t.after(() => dialogue.process.kill());
  const isResult = (line: CliLine): boolean => line.type === 'result';
  const text = (words: string): JsonPieces => [JSON.stringify([{ type: 'text', text: words }])];

  await dialogue.control(['{"subtype":"get_binary_version"}']);
  await dialogue.control(['{"subtype":"of_tomorrow"}']);
  const setup = packSetup({ model, system: ['Be brief.'], tools: [tool] });
  await dialogue.control(initializeRequest(setup, toolNames(['lookup'])));
  await dialogue.control(['{"subtype":"apply_flag_settings","settings":{"effortLevel":"low"}}']);
  const question = userLine(text('Look it up [[tool:lookup {"word":"warm"}]]'), { query: true });
  const permission = await dialogue.say(question, asksFor('can_use_tool'));
  const call = await dialogue.say(reply(permission, { behavior: 'allow', updatedInput: {} }), asksFor('mcp_message'));
  const goesOn = await dialogue.say(reply(call, { mcp_response: toolResult(call) }), asksFor('hook_callback'));
  await dialogue.say(reply(goesOn, {}), isResult);
  await dialogue.say(clearLine, isResult);
  await dialogue.say(userLine(text('A past question'), { query: false }), isResult);
  dialogue.process.write(assistantLine(text('A past answer'), 'msg_1', model));
  await dialogue.say(userLine(text('One more question'), { query: true }), isResult);
  assert.equal((await dialogue.process.stop()).code, 0);
  return dialogue.kinds;
}

/** Lines to a process of the CLI and back, without any of the worker's own doing. */
class Dialogue {
  readonly kinds: string[] = [];
  readonly process: CliProcess;
  #waiting: { readonly until: (line: CliLine) => boolean; readonly resolve: (line: CliLine) => void } | undefined;

  constructor(command: CliCommand) {
    this.process = new CliProcess(command, (text) => this.#onLine(readLine(text)));
  }

  async say(message: object | JsonPieces, until: (line: CliLine) => boolean): Promise<CliLine> {
    const answer = new Promise<CliLine>((resolve, reject) => {
      this.#waiting = { until, resolve };
      void this.process.ended.then(({ stderr }) => reject(new Error(`the CLI ended: ${stderr}`)));
    });
    this.process.write(Array.isArray(message) ? (message as JsonPieces) : [JSON.stringify(message)]);
    return answer;
  }

  async control(request: JsonPieces): Promise<CliLine> {
    const message = ['{"type":"control_request","request_id":"r","request":', ...request, '}'];
    return this.say(message, (line) => line.type === 'control_response');
  }

  #onLine(line: CliLine | undefined): void {
    if (line === undefined) return;
    const kind = kindOf(line);
    // The CLI asks about tools while the end of its message is still under way: the place of that is a matter of luck.
    if (line.type !== 'control_request' && this.kinds.at(-1) !== kind) this.kinds.push(kind);
    if (this.#waiting?.until(line) === true) this.#waiting.resolve(line);
  }
}

/** OCP does not read it, but the scripted CLI must tell it as the real one does. */
function turnsOf(line: object): number {
  return 'num_turns' in line ? Number(line.num_turns) : Number.NaN;
}

function kindOf(line: CliLine): string {
  switch (line.type) {
    case 'stream_event':
      return (line.event as { readonly type: string }).type;
    case 'result':
      return `result ${line.subtype} ${line.is_error} after ${Math.min(turnsOf(line), 1)}`;
    case 'control_response':
      return `${line.type} ${line.response.subtype} ${line.response.error ?? ''}`;
    default:
      return line.type;
  }
}

function asksFor(subtype: string): (line: CliLine) => boolean {
  return (line) => line.type === 'control_request' && line.request.subtype === subtype;
}

function reply(request: CliLine, response: object): object {
  assert.ok(request.type === 'control_request');
  return {
    type: 'control_response',
    response: { subtype: 'success', request_id: request.request_id, response },
  };
}

function toolResult(call: CliLine): object {
  assert.ok(call.type === 'control_request');
  const { id } = call.request['message'] as { readonly id: number };
  return { jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: 'cosy' }], isError: false } };
}
