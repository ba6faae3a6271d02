import type { ToolResultBlock } from '../wire/anthropic/content.ts';
import type { Tool } from '../wire/anthropic/request.ts';
import { isObject } from '../wire/json.ts';
import type { ServerPowers } from './arguments.ts';
import type { ControlChannel } from './control.ts';
import type { ControlRequestLine } from './protocol.ts';
import type { Setup } from './setup.ts';
import { MAX_HELD_RESULT_CHARACTERS, mcpInitializeResult, mcpTools } from './setup.ts';
import type { ToolNames } from './tool-names.ts';

/** JSON-RPC's code for a method that is not there. */
const METHOD_NOT_FOUND = -32601;

/**
 * The client's tools as the CLI meets them. A call is not answered until the client has: the worker waits in the
 * meantime, and no API call is spent. Where the CLI's own tools run, those that no rule covers are refused. Contracts: `SDKControlPermissionRequest`, `SDKControlMcpMessageRequest`, and MCP.
 */
export class ToolGate {
  readonly #control: ControlChannel;
  readonly #tools: readonly Tool[];
  readonly #powers: ServerPowers | undefined;
  readonly #names: ToolNames;
  /** Permission requests that wait for the client, by tool use id. */
  readonly #waiting = new Map<string, ControlRequestLine>();
  /** The client's results that the CLI has not fetched yet, by tool use id. */
  readonly #results = new Map<string, ToolResultBlock>();

  constructor(control: ControlChannel, setup: Pick<Setup, 'tools' | 'powers'>, names: ToolNames) {
    this.#control = control;
    this.#tools = setup.tools;
    this.#powers = setup.powers;
    this.#names = names;
  }

  /** Gives the client's results to the calls that wait for them, now or as they come to ask. */
  answer(results: ReadonlyMap<string, ToolResultBlock>): void {
    for (const [id, result] of results) {
      this.#results.set(id, result);
      const waiting = this.#waiting.get(id);
      if (waiting !== undefined) this.#allow(waiting);
      this.#waiting.delete(id);
    }
  }

  onRequest(line: ControlRequestLine): void {
    switch (line.request.subtype) {
      case 'can_use_tool':
        this.#onPermission(line);
        break;
      case 'mcp_message':
        this.#onMcpMessage(line);
        break;
      case 'hook_callback':
        this.#control.reply(line.request_id, {});
        break;
      default:
        this.#control.refuse(line.request_id, `unsupported request: ${line.request.subtype}`);
    }
  }

  #onPermission(line: ControlRequestLine): void {
    if (this.#powers !== undefined && this.#powers.tools.length > 0) {
      if (this.#powers.skipPermissions) this.#allow(line);
      else this.#control.reply(line.request_id, { behavior: 'deny', message: 'The operator does not allow this.' });
      return;
    }
    const id = String(line.request['tool_use_id']);
    if (this.#results.has(id)) this.#allow(line);
    else this.#waiting.set(id, line);
  }

  #allow(line: ControlRequestLine): void {
    this.#control.reply(line.request_id, { behavior: 'allow', updatedInput: line.request['input'] ?? {} });
  }

  #onMcpMessage(line: ControlRequestLine): void {
    const message = line.request['message'];
    if (!isObject(message)) {
      this.#control.refuse(line.request_id, 'not a JSON-RPC message');
      return;
    }
    const rpc = { jsonrpc: '2.0', id: message['id'] ?? null };
    const reply = (body: object): void => this.#control.reply(line.request_id, { mcp_response: { ...rpc, ...body } });
    switch (message['method']) {
      case 'initialize':
        reply({ result: mcpInitializeResult });
        break;
      case 'tools/list':
        reply({ result: { tools: mcpTools(this.#tools, this.#names) } });
        break;
      case 'tools/call':
        reply(this.#callResult(message['params']));
        break;
      case 'notifications/initialized':
      case 'notifications/cancelled':
      case 'ping':
        reply({ result: {} });
        break;
      default:
        reply({ error: { code: METHOD_NOT_FOUND, message: 'method not found' } });
    }
  }

  #callResult(params: unknown): object {
    const meta = isObject(params) ? params['_meta'] : undefined;
    const id = isObject(meta) ? String(meta['claudecode/toolUseId']) : '';
    const result = this.#results.get(id);
    if (result === undefined) return { error: { code: METHOD_NOT_FOUND, message: 'no result for this call' } };
    this.#results.delete(id);
    return { result: { content: result.content.map(mcpContent), isError: result.is_error ?? false } };
  }
}

/**
 * Whether results can go through a worker that waits for them. The CLI loses images of failed calls, documents and
 * addresses of images, and puts overlong texts into a file: those go in by replay, as native tool results.
 */
export function canBeHeld(results: Iterable<ToolResultBlock>): boolean {
  for (const result of results) {
    let characters = 0;
    for (const block of result.content) {
      if (block.type === 'text') characters += block.text.length;
      else if (block.type !== 'image' || block.source.type !== 'base64' || result.is_error === true) return false;
    }
    if (characters > MAX_HELD_RESULT_CHARACTERS || result.content.length === 0) return false;
  }
  return true;
}

function mcpContent(block: ToolResultBlock['content'][number]): object {
  if (block.type === 'image' && block.source.type === 'base64') {
    return { type: 'image', data: block.source.data, mimeType: block.source.media_type };
  }
  return { type: 'text', text: block.type === 'text' ? block.text : '' };
}
