import { isObject } from '../wire/json.ts';
import type { ServerPowers } from './arguments.ts';
import type { ControlChannel } from './control.ts';
import type { ControlRequestLine } from './protocol.ts';
import type { HeldResult, JsonPieces } from './packed/messages.ts';
import type { PackedTools } from './packed/setup-parts.ts';
import { listedTools } from './packed/setup-parts.ts';
import type { Setup } from './setup.ts';
import { mcpInitializeResult } from './setup.ts';
import type { ToolNames } from './tool-names.ts';

/** JSON-RPC's code for a method that is not there. */
const METHOD_NOT_FOUND = -32601;

/**
 * The client's tools as the CLI meets them. A call may run at once, and its result is owed until the client has it: the
 * worker waits in the meantime, and no API call is spent. Where the CLI's own tools run, those that no rule covers are
 * refused. Contracts: `SDKControlPermissionRequest`, `SDKControlMcpMessageRequest`, and MCP. See ADR 14.
 */
export class ToolGate {
  readonly #control: ControlChannel;
  readonly #tools: PackedTools;
  readonly #powers: ServerPowers | undefined;
  readonly #names: ToolNames;
  /** How to answer the calls that wait for the client, by tool use id. */
  readonly #waiting = new Map<string, (result: HeldResult) => void>();
  /** The client's results that the CLI has not fetched yet, by tool use id. */
  readonly #results = new Map<string, HeldResult>();
  readonly #onGivenUp: () => void;

  /** `onGivenUp` is called when the CLI would tell the model that a call failed, although the client never said so. */
  constructor(
    control: ControlChannel,
    setup: Pick<Setup, 'tools' | 'powers'>,
    names: ToolNames,
    onGivenUp: () => void,
  ) {
    this.#control = control;
    this.#tools = setup.tools;
    this.#powers = setup.powers;
    this.#names = names;
    this.#onGivenUp = onGivenUp;
  }

  /** Gives the client's results to the calls that wait for them, now or as they come to ask. */
  answer(results: ReadonlyMap<string, HeldResult>): void {
    for (const [id, result] of results) {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (waiting === undefined) this.#results.set(id, result);
      else waiting(result);
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
        this.#onBatchEnd(line);
        break;
      default:
        this.#control.refuse(line.request_id, `unsupported request: ${line.request.subtype}`);
    }
  }

  /** A tool of the client does nothing here: that its call may run only means that the CLI asks for its result. */
  #onPermission(line: ControlRequestLine): void {
    const areOwn = this.#powers !== undefined && this.#powers.tools.length > 0;
    if (areOwn && !this.#powers.skipPermissions) {
      this.#control.reply(line.request_id, [
        JSON.stringify({ behavior: 'deny', message: 'The operator does not allow this.' }),
      ]);
      return;
    }
    const allowed = { behavior: 'allow', updatedInput: line.request['input'] ?? {} };
    this.#control.reply(line.request_id, [JSON.stringify(allowed)]);
  }

  /** The CLI has a result for each call of a message and would go on: only from those that the client gave. */
  #onBatchEnd(line: ControlRequestLine): void {
    if (this.#waiting.size > 0) this.#onGivenUp();
    else this.#control.reply(line.request_id, ['{}']);
  }

  #onMcpMessage(line: ControlRequestLine): void {
    const message = line.request['message'];
    if (!isObject(message)) {
      this.#control.refuse(line.request_id, 'not a JSON-RPC message');
      return;
    }
    const lead = `{"mcp_response":{"jsonrpc":"2.0","id":${JSON.stringify(message['id'] ?? null)},`;
    const reply = (...body: JsonPieces): void => this.#control.reply(line.request_id, [lead, ...body, '}}']);
    switch (message['method']) {
      case 'initialize':
        reply('"result":', JSON.stringify(mcpInitializeResult));
        break;
      case 'tools/list':
        reply('"result":{"tools":[', ...listedTools(this.#tools, this.#names), ']}');
        break;
      case 'tools/call':
        this.#onCall(message['params'], reply);
        break;
      case 'notifications/cancelled':
        this.#onGivenUp();
        break;
      case 'notifications/initialized':
      case 'ping':
        reply('"result":{}');
        break;
      default:
        reply('"error":', JSON.stringify({ code: METHOD_NOT_FOUND, message: 'method not found' }));
    }
  }

  #onCall(params: unknown, reply: (...body: JsonPieces) => void): void {
    const meta = isObject(params) ? params['_meta'] : undefined;
    const id = isObject(meta) ? String(meta['claudecode/toolUseId']) : '';
    const answer = ({ json }: HeldResult): void => reply('"result":', json);
    const result = this.#results.get(id);
    this.#results.delete(id);
    if (result === undefined) this.#waiting.set(id, answer);
    else answer(result);
  }
}
