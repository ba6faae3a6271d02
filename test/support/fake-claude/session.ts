import { randomUUID } from 'node:crypto';
import { hrtime } from 'node:process';
import type { AnswerContext } from './answer.ts';
import { writeCalls, writeText } from './answer.ts';
import { complain, maybeExit } from './faults.ts';
import { Messages, controlError, controlResponse } from './messages.ts';
import { Output } from './output.ts';
import type { Scenario } from './scenario.ts';
import { turnScenario } from './scenario.ts';
import { ToolCalls } from './tool-calls.ts';

export interface SessionOptions {
  readonly scenario: Scenario;
  readonly configDir: string;
  readonly model: string;
  readonly version: string;
}

interface InputLine {
  readonly type: string;
  readonly subtype?: string;
  readonly request_id?: string;
  readonly request?: { readonly subtype: string } & Readonly<Record<string, unknown>>;
  readonly response?: { readonly request_id: string; readonly response?: Readonly<Record<string, unknown>> };
  readonly message?: { readonly role: string; readonly content: unknown };
  readonly shouldQuery?: boolean;
  readonly client_composed?: boolean;
}

interface Manifest {
  readonly toolsListResult?: { readonly tools?: readonly { readonly name: string }[] };
}

interface Hooks {
  readonly PostToolBatch?: readonly { readonly hookCallbackIds: readonly string[] }[];
}

/** The conversation of one process: what it was told, and its reaction to each line. */
export class Session {
  readonly #options: SessionOptions;
  readonly #messages: Messages;
  readonly #calls = new ToolCalls();
  #system: unknown;
  #tools: readonly string[] = [];
  #batchCallback: string | undefined;
  #transcript: object[] = [];
  #running: AbortController | undefined;
  /** `/clear` is in the conversation until a boundary comes behind it. */
  #hasResidue = false;
  /** Any prompt is too long. */
  #isLimited = false;
  /** User lines wait for the turn before them; assistant lines do not, as in the real CLI. */
  #queue: Promise<void> = Promise.resolve();
  /** Nanoseconds spent on control requests since the last query. */
  #own = 0n;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#messages = new Messages(options.model);
  }

  onLine(text: string): void {
    const received = hrtime.bigint();
    const line = JSON.parse(text) as InputLine;
    switch (line.type) {
      case 'control_request':
        this.#onControl(line.request_id ?? '', line.request ?? { subtype: '' });
        this.#own += hrtime.bigint() - received;
        break;
      case 'control_response':
        this.#calls.onReply(line.response?.request_id ?? '', line.response?.response ?? {});
        break;
      case 'assistant':
        this.#transcript.push(line.message ?? {});
        break;
      case 'system':
        if (line.subtype === 'compact_boundary' && this.#options.scenario.clear !== 'residue') this.#hasResidue = false;
        break;
      case 'user':
        this.#queue = this.#queue.then(async () => this.#onUser(line, received));
        break;
      default:
        break;
    }
  }

  #onControl(id: string, request: NonNullable<InputLine['request']>): void {
    const { scenario, configDir, version } = this.#options;
    if (scenario.ignores?.includes('control') === true) return;
    switch (request.subtype) {
      case 'initialize':
        maybeExit(scenario, 'initialize', configDir);
        if (scenario.ignores?.includes('initialize') === true) return;
        this.#initialize(request);
        Output.line(controlResponse(id, { commands: [], sdk_mcp_manifests_parked: { ocp: 'parked' } }));
        break;
      case 'interrupt':
        if (scenario.ignores?.includes('interrupt') === true) return;
        Output.line(controlResponse(id, {}));
        this.#running?.abort();
        break;
      case 'get_binary_version':
        Output.line(controlResponse(id, { version }));
        break;
      case 'list_models':
        Output.line(controlResponse(id, { models: [] }));
        break;
      case 'apply_flag_settings':
        this.#isLimited = limitIn(request) === '1' && scenario.ignores?.includes('limit') !== true;
        Output.line(controlResponse(id, {}));
        break;
      case 'get_usage':
        Output.line(
          scenario.usage === 'refused'
            ? controlError(id, 'Unsupported control request subtype: get_usage')
            : controlResponse(id, { subscription_type: null, rate_limits_available: false, rate_limits: null }),
        );
        break;
      case 'get_context_usage':
        Output.line(controlResponse(id, { categories: contextUsage(scenario, this.#hasResidue) }));
        break;
      default:
        Output.line(controlError(id, `Unsupported control request subtype: ${request.subtype}`));
    }
  }

  /** The second `initialize` of a process changes nothing. */
  #initialize(request: Readonly<Record<string, unknown>>): void {
    if (this.#system !== undefined) return;
    this.#system = request['systemPrompt'] ?? [];
    const hooks = request['hooks'] as Hooks | undefined;
    this.#batchCallback = hooks?.PostToolBatch?.[0]?.hookCallbackIds[0];
    const manifests = request['sdkMcpServerManifests'] as Readonly<Record<string, Manifest>> | undefined;
    this.#tools = manifests?.['ocp']?.toolsListResult?.tools?.map((tool) => tool.name) ?? [];
  }

  async #onUser(line: InputLine, received: bigint): Promise<void> {
    const { content } = line.message ?? { content: '' };
    if (content === '/clear' && line.client_composed !== true) {
      this.#clear();
      return;
    }
    this.#transcript.push(line.message ?? {});
    Output.line(this.#messages.init(this.#tools));
    if (line.shouldQuery === false) Output.line(this.#messages.result(0, 0));
    else if (this.#isLimited) Output.line(this.#messages.tooLong());
    else await this.#query(textOf(content), received);
  }

  #clear(): void {
    const { scenario, configDir } = this.#options;
    maybeExit(scenario, 'clear', configDir);
    if (scenario.clear === 'silent') return;
    if (scenario.clear !== 'refused') {
      this.#transcript = [];
      this.#hasResidue = true;
      Output.line({ type: 'conversation_reset', new_conversation_id: randomUUID(), trigger: 'clear' });
      Output.line(this.#messages.init(this.#tools));
    }
    Output.line(this.#messages.result(0, 0));
  }

  async #query(prompt: string, received: bigint): Promise<void> {
    const { configDir } = this.#options;
    const scenario = turnScenario(this.#options.scenario, prompt);
    const own = this.#own;
    this.#own = 0n;
    complain(scenario);
    maybeExit(scenario, 'query', configDir);
    if (scenario.ignores?.includes('query') === true) return;
    if (scenario.longLineBytes !== undefined) {
      Output.line({ type: 'system', subtype: 'status', padding: 'x'.repeat(scenario.longLineBytes) });
    }
    const running = new AbortController();
    this.#running = running;
    const { signal } = running;
    const transcript = (): object => ({ system: this.#system, messages: this.#transcript });
    try {
      await this.#answer({ scenario, configDir, messages: this.#messages, signal, received, own, transcript });
      if (scenario.ignores?.includes('end of turn') !== true) {
        Output.line(this.#messages.result(1, scenario.tokens ?? 1, scenario.costUsd));
      }
    } catch (error) {
      if (!signal.aborted) throw error;
      Output.line(this.#messages.interrupted());
    } finally {
      this.#running = undefined;
    }
  }

  async #answer(context: AnswerContext): Promise<void> {
    const { calls } = context.scenario;
    const isFirst = !this.#transcript.some((message) => 'role' in message && message.role === 'assistant');
    if (calls !== undefined && isFirst) {
      const uses = calls.map((call) => ({ type: 'tool_use', id: `toolu_${randomUUID()}`, ...call }));
      await writeCalls(context, uses);
      this.#transcript.push({ role: 'assistant', content: uses });
      const results = await whileRunning(Promise.all(uses.map(async (use) => this.#calls.run(use))), context.signal);
      this.#transcript.push({ role: 'user', content: results });
      await whileRunning(this.#calls.askToGoOn(this.#batchCallback), context.signal);
    }
    this.#transcript.push({ role: 'assistant', content: await writeText(context) });
  }
}

function limitIn(request: Readonly<Record<string, unknown>>): string | undefined {
  const { env } = request['settings'] as { readonly env?: Readonly<Record<string, string>> };
  return env?.['CLAUDE_CODE_BLOCKING_LIMIT_OVERRIDE'];
}

/** The context's parts; older versions do not tell what is used from what is free. */
function contextUsage({ oldContextUsage }: Scenario, hasResidue: boolean): readonly object[] {
  const parts = [
    { name: 'Messages', tokens: hasResidue ? 45 : 10, kind: 'used' },
    { name: 'Free space', tokens: 190_000, kind: 'free' },
  ];
  return oldContextUsage === true ? parts.map(({ name, tokens }) => ({ name, tokens })) : parts;
}

async function whileRunning<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return Promise.race([
    work,
    new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    }),
  ]);
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  return Array.isArray(content)
    ? content.map((block: { readonly text?: string }) => (typeof block.text === 'string' ? block.text : '')).join('\n')
    : '';
}
