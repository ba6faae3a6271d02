import { randomUUID } from 'node:crypto';
import { Output } from './output.ts';

/** A call as it stands in the model's message. */
export interface ToolUse {
  readonly id: string;
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

type Reply = Readonly<Record<string, unknown>>;

/** Asks OCP about the tools of the client: for each call first whether it may run, then for its result. */
export class ToolCalls {
  readonly #waiting = new Map<string, (reply: Reply) => void>();

  onReply(requestId: string, reply: Reply): void {
    this.#waiting.get(requestId)?.(reply);
    this.#waiting.delete(requestId);
  }

  /** Resolves to the `tool_result` block of the call; never when nobody answers. */
  async run(call: ToolUse): Promise<object> {
    await this.#ask({ subtype: 'can_use_tool', tool_name: call.name, input: call.input, tool_use_id: call.id });
    const reply = await this.#ask({
      subtype: 'mcp_message',
      server_name: 'ocp',
      message: {
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: call.name, arguments: call.input, _meta: { 'claudecode/toolUseId': call.id } },
      },
    });
    const response = reply['mcp_response'] as { readonly result?: Reply; readonly error?: unknown } | undefined;
    const result = response?.result ?? { content: [{ type: 'text', text: JSON.stringify(response?.error) }] };
    return {
      type: 'tool_result',
      tool_use_id: call.id,
      content: result['content'],
      is_error: result['isError'] ?? false,
    };
  }

  /** Asks whether to go on from the results, where OCP wants to be asked. */
  async askToGoOn(callbackId: string | undefined): Promise<void> {
    if (callbackId === undefined) return;
    const input = { hook_event_name: 'PostToolBatch', tool_calls: [] };
    await this.#ask({ subtype: 'hook_callback', callback_id: callbackId, input });
  }

  async #ask(request: object): Promise<Reply> {
    const requestId = randomUUID();
    const reply = new Promise<Reply>((resolve) => {
      this.#waiting.set(requestId, resolve);
    });
    Output.line({ type: 'control_request', request_id: requestId, request });
    return reply;
  }
}
