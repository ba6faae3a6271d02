import { hrtime } from 'node:process';
import { workerArguments, workerSwitches } from '../../src/claude/arguments.ts';
import { CliProcess } from '../../src/claude/cli-process.ts';
import { userLine } from '../../src/claude/protocol.ts';
import type { Setup } from '../../src/claude/setup.ts';
import { initializeRequest } from '../../src/claude/setup.ts';
import { toolNames } from '../../src/claude/tool-names.ts';

/** How a line tells that it carries the beginning of an answer. */
const CONTENT = '"type":"content_block_delta"';

interface CliLine {
  readonly type: string;
  readonly request_id?: string;
  readonly request?: {
    readonly subtype: string;
    readonly input?: unknown;
    readonly message?: { readonly id: unknown };
  };
}

/**
 * The CLI in a live conversation without a bridge: one process, driven by the least code there can be, that neither checks
 * nor translates anything. How long it takes to its first token is the time that no bridge is spared.
 */
export class BareWorker {
  readonly #process: CliProcess;
  #onLine: (line: CliLine, text: string) => void = () => {};
  /** The question for the result of the tool that was called last. */
  #call: CliLine | undefined;

  constructor(options: {
    readonly binary: string;
    readonly env: Readonly<Record<string, string>>;
    readonly workingDirectory: string;
    readonly model: string;
  }) {
    const env = { ...options.env, ...workerSwitches };
    const args = workerArguments(options.model);
    this.#process = new CliProcess({ path: options.binary, args, env, cwd: options.workingDirectory }, (text) =>
      this.#onLine(JSON.parse(text) as CliLine, text),
    );
  }

  async setUp(setup: Setup): Promise<void> {
    const request = initializeRequest(setup, toolNames(setup.tools.names));
    const answered = this.#until((line) => line.type === 'control_response');
    this.#process.write(['{"type":"control_request","request_id":"set-up","request":', ...request, '}']);
    await answered;
  }

  /** Asks, or gives the result that the last call waits for; resolves to ns from there to the first piece of content. */
  async turn(text: string): Promise<bigint> {
    const call = this.#call;
    this.#call = undefined;
    let firstAt: bigint | undefined;
    const ended = this.#until((line, raw) => {
      if (raw.includes(CONTENT)) firstAt ??= hrtime.bigint();
      if (line.request?.message !== undefined) this.#call = line;
      return line.type === 'result' || this.#call !== undefined;
    });
    const startedAt = hrtime.bigint();
    if (call === undefined) {
      this.#process.write(userLine([JSON.stringify([{ type: 'text', text }])], { query: true }));
    } else {
      const result = { content: [{ type: 'text', text }], isError: false };
      this.#reply(call, { mcp_response: { jsonrpc: '2.0', id: call.request?.message?.id, result } });
    }
    await ended;
    if (firstAt === undefined) throw new Error('the CLI gave no answer');
    return firstAt - startedAt;
  }

  async stop(): Promise<void> {
    this.#process.kill();
    await this.#process.ended;
  }

  #reply(question: CliLine, response: object): void {
    const answer = { subtype: 'success', request_id: question.request_id, response };
    this.#process.write([JSON.stringify({ type: 'control_response', response: answer })]);
  }

  async #until(test: (line: CliLine, text: string) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      void this.#process.ended.then(() => reject(new Error('the CLI ended in the middle of a turn')));
      this.#onLine = (line, text) => {
        const subtype = line.request?.subtype;
        if (subtype === 'can_use_tool') this.#reply(line, { behavior: 'allow', updatedInput: line.request?.input });
        if (subtype === 'hook_callback') this.#reply(line, {});
        if (test(line, text)) resolve();
      };
    });
  }
}
