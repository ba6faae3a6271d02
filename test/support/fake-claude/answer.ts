import { existsSync } from 'node:fs';
import { hrtime } from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { maybeExit } from './faults.ts';
import type { Messages } from './messages.ts';
import { Output } from './output.ts';
import type { Scenario } from './scenario.ts';
import { clockToken } from './scenario.ts';
import type { ToolUse } from './tool-calls.ts';

export interface AnswerContext {
  readonly scenario: Scenario;
  readonly configDir: string;
  readonly messages: Messages;
  /** Aborted by an interrupt. */
  readonly signal: AbortSignal;
  /** Nanoseconds, see ClockToken. */
  readonly received: bigint;
  readonly own: bigint;
  /** What the process would send to the API. */
  readonly transcript: () => object;
}

const DEFAULT_TOKENS = 5;
const GATE_POLL_MS = 20;

/** Writes an answer of text and gives back its content. Rejects with the signal's reason when it is interrupted. */
export async function writeText(context: AnswerContext): Promise<readonly object[]> {
  const { scenario, messages, signal } = context;
  const words = scenario.says?.split(/(?<=\s)/u);
  const count = words?.length ?? (scenario.text === 'transcript' ? 1 : (scenario.tokens ?? DEFAULT_TOKENS));
  const output = new Output(scenario);
  await output.push(messages.messageStart());
  await output.push(
    messages.event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
  );
  const said: string[] = [];
  for (let token = 0; token < count; token += 1) {
    if (token === Math.ceil(count / 2)) await maybeExitAfterFlush(output, context);
    if (token > 0 && scenario.intervalMs !== undefined) await pause(scenario.intervalMs, undefined, { signal });
    signal.throwIfAborted();
    const text = words?.[token] ?? tokenText(context, token);
    said.push(text);
    await output.push(messages.textDelta(text));
    if (token === 0 && scenario.gate !== undefined) await gateOpens(output, context, scenario.gate);
  }
  const content = [{ type: 'text', text: said.join('') }];
  await output.push(messages.repeated(content));
  await output.push(messages.event({ type: 'content_block_stop', index: 0 }));
  await output.push(messages.messageDelta('end_turn', count));
  await output.push(messages.event({ type: 'message_stop' }));
  await output.flush();
  return content;
}

/** Writes an answer that calls tools. */
export async function writeCalls(context: AnswerContext, calls: readonly ToolUse[]): Promise<void> {
  const { scenario, messages } = context;
  const output = new Output(scenario);
  await output.push(messages.messageStart());
  for (const [index, { id, name, input }] of calls.entries()) {
    const partial = JSON.stringify(input);
    await output.push(
      messages.event({ type: 'content_block_start', index, content_block: { type: 'tool_use', id, name, input: {} } }),
    );
    await output.push(
      messages.event({
        type: 'content_block_delta',
        index,
        delta: { type: 'input_json_delta', partial_json: partial },
      }),
    );
    await output.push(messages.event({ type: 'content_block_stop', index }));
  }
  await output.push(messages.messageDelta('tool_use', calls.length));
  await output.push(messages.event({ type: 'message_stop' }));
  await output.flush();
}

async function gateOpens(output: Output, { configDir, signal }: AnswerContext, gate: string): Promise<void> {
  await output.flush();
  while (!existsSync(`${configDir}/${gate}`)) await pause(GATE_POLL_MS, undefined, { signal });
}

async function maybeExitAfterFlush(output: Output, { scenario, configDir }: AnswerContext): Promise<void> {
  if (scenario.exit?.at !== 'token') return;
  await output.flush();
  maybeExit(scenario, 'token', configDir);
}

function tokenText(context: AnswerContext, token: number): string {
  switch (context.scenario.text) {
    case 'wide':
      return `${token}é漢🙂 `;
    case 'clock':
      return clockToken({ received: context.received, own: context.own, written: hrtime.bigint() });
    case 'transcript':
      return JSON.stringify(context.transcript());
    default:
      return `${token} `;
  }
}
