import { ControlChannel } from '../../src/claude/control.ts';
import { heldResults } from '../../src/claude/held-results.ts';
import type { JsonPieces } from '../../src/claude/packed/messages.ts';
import { noTools } from '../../src/claude/packed/setup-parts.ts';
import { assistantLine, clearLine, userLine } from '../../src/claude/protocol.ts';
import type { ControlRequestLine } from '../../src/claude/protocol.ts';
import { initializeRequest, packSetup, settingsRequest } from '../../src/claude/setup.ts';
import { ToolGate } from '../../src/claude/tool-gate.ts';
import { toolNames } from '../../src/claude/tool-names.ts';
import { keysOf } from './names.ts';

/** Members that hold what a client sent, or names that are checked elsewhere. */
const opaque = new Set(['content', 'inputSchema', 'jsonSchema', 'updatedInput', 'sdkMcpServers', 'ocp']);

/** Every member of every message that OCP writes to the CLI: it is made to write one of each. */
export function writtenMembers(): ReadonlySet<string> {
  const lines: object[] = [];
  const write = (line: JsonPieces): unknown => lines.push(parsed(line));
  const control = new ControlChannel(write);
  const names = toolNames(['look']);
  const tools = [{ name: 'look', description: 'd', input_schema: {} }];
  const setup = packSetup({ model: 'claude-x', system: ['s'], tools, outputSchema: {} });
  const settings = { maxTokens: 1, effort: 'low', structuredAttempts: 1 };
  void control.requestInPieces('initialize', initializeRequest(setup, names));
  void control.request(settingsRequest(settings));
  for (const line of [userLine(['[]'], { query: false }), assistantLine(['[]'], 'msg_1', 'claude-x'), clearLine]) {
    write(line);
  }
  answerEverything(control, setup);
  // The content of a result is MCP's own, written by OCP: its members count.
  const result = lines.at(-1);
  const manifests = lines.map((line) => JSON.stringify(line)).find((text) => text.includes('sdkMcpServerManifests'));
  const manifest = (JSON.parse(manifests ?? '{}') as Initialize).request.sdkMcpServerManifests.ocp;
  return new Set([...keysOf(lines, opaque), ...keysOf(manifest, opaque), ...keysOf(result, new Set())]);
}

interface Initialize {
  readonly request: { readonly sdkMcpServerManifests: { readonly ocp: unknown } };
}

/** The answers to the CLI's questions, of every kind. */
function answerEverything(control: ControlChannel, setup: ConstructorParameters<typeof ToolGate>[1]): void {
  const ask = (request: ControlRequestLine['request']): ControlRequestLine => ({
    type: 'control_request',
    request_id: '1',
    request,
  });
  const gate = new ToolGate(control, setup, toolNames(['look']), () => {});
  const powers = { tools: ['Bash'], skipPermissions: false, withContext: false };
  const denying = new ToolGate(control, { tools: noTools, powers }, toolNames([]), () => {});
  const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: '' } } as const;
  const content = [{ type: 'text', text: 'x' } as const, image];
  const [result] = heldResults([{ type: 'tool_result', tool_use_id: 't', content }]) ?? [];
  if (result !== undefined) gate.answer(new Map([['t', result]]));
  gate.onRequest(ask({ subtype: 'can_use_tool', tool_use_id: 't', input: {} }));
  denying.onRequest(ask({ subtype: 'can_use_tool', tool_use_id: 't', input: {} }));
  gate.onRequest(ask({ subtype: 'hook_callback' }));
  gate.onRequest(ask({ subtype: 'of_tomorrow' }));
  for (const method of ['initialize', 'tools/list', 'ping', 'of/tomorrow']) {
    gate.onRequest(ask({ subtype: 'mcp_message', message: { id: 1, method } }));
  }
  const call = { id: 1, method: 'tools/call', params: { _meta: { 'claudecode/toolUseId': 't' } } };
  gate.onRequest(ask({ subtype: 'mcp_message', message: call }));
}

function parsed(line: JsonPieces): object {
  return JSON.parse(
    line.map((piece) => (typeof piece === 'string' ? piece : Buffer.from(piece).toString())).join(''),
  ) as object;
}
