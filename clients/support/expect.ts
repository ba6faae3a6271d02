import assert from 'node:assert/strict';
import type { RequestRecord } from '../../simulator/index.ts';
import { readPrompt, repeatPrompt } from './prompts.ts';
import type { Run } from './run.ts';
import type { Exchange, Surface } from './trial.ts';

interface Block {
  readonly type: string;
  readonly id?: string;
  readonly name?: string;
  readonly tool_use_id?: string;
  readonly is_error?: boolean;
  readonly content?: unknown;
  readonly text?: string;
}

interface Message {
  readonly role: string;
  readonly content: string | readonly Block[];
}

/** What a turn is held to. */
export interface Expectation {
  readonly surface: Surface;
  /** The client's tool that reads the file. */
  readonly tool: string;
  readonly word: string;
}

/** Asserts that a client ended well and that its output tells the word. */
export function assertTells(ended: Run, word: string): void {
  assert.equal(ended.timedOut, false, 'the client did not end in time');
  assert.equal(ended.code, 0, `exit code ${ended.code}: ${ended.stderr.slice(-2_000)}`);
  assert.ok(ended.stdout.includes(word), `the output does not tell the word: ${ended.stdout.slice(-2_000)}`);
}

/**
 * Asserts that a turn with one tool call went as it does with the vendor: every request was one call of the API, and the
 * tool's call and its result arrived there as native blocks.
 */
export function assertToolTurn(exchange: Exchange<unknown>, expected: Expectation): void {
  assertServed(exchange, expected.surface);
  const asking = exchange.calls.filter(
    (call) => offers(call, expected.tool) && lastUserText(call).includes(readPrompt),
  );
  assert.equal(asking.length, 1, 'the model is asked once');
  const results = exchange.calls.flatMap((call) => toolResults(call, expected.tool));
  assert.equal(results.length, 1, 'one call of the API carries one result');
  assert.ok(holdsWord(results[0], expected.word), 'the result holds what the client read');
}

/** Asserts that the turn after it took its history along, natively. */
export function assertSecondTurn(exchange: Exchange<unknown>, expected: Expectation): void {
  assertServed(exchange, expected.surface);
  const call = exchange.calls.find((candidate) => lastUserText(candidate).includes(repeatPrompt));
  assert.ok(call !== undefined, 'the second turn reached the API');
  const history = JSON.stringify(messagesOf(call));
  assert.ok(history.includes(readPrompt), 'the first question is in the history');
  assert.ok(holdsWord(toolResults(call, expected.tool)[0], expected.word), 'the tool result is in the history');
}

/** Asserts that a request went on in the worker that held the conversation, and was not told anew to another one. */
export function assertWentOn({ requests }: Exchange<unknown>): void {
  assert.ok(
    requests.some((request) => request.origin === 'live'),
    `no request went on in its worker: ${requests.map((request) => request.origin).join(', ')}`,
  );
}

function assertServed({ requests, calls }: Exchange<unknown>, surface: Surface): void {
  assert.deepEqual([...new Set(requests.map((request) => request.surface))], [surface]);
  const answered = requests.filter((request) => request.outcome !== 'client_closed');
  assert.deepEqual([...new Set(answered.map((request) => request.outcome))], ['ok']);
  const completed = calls.filter((call) => call.outcome !== 'client_closed');
  // Of a request that its client gave up, the call may have been over by then.
  const isOneEach = completed.length >= answered.length && completed.length <= requests.length;
  assert.ok(isOneEach, `every request is one call of the API: ${completed.length} calls, ${answered.length} answers`);
}

function offers(call: RequestRecord, tool: string): boolean {
  const { tools = [] } = call.body as { readonly tools?: readonly { readonly name: string }[] };
  return tools.some(({ name }) => name === tool);
}

function toolResults(call: RequestRecord, tool: string): readonly Block[] {
  const blocks = messagesOf(call).flatMap(({ content }) => (typeof content === 'string' ? [] : content));
  const uses = blocks.filter((block) => block.type === 'tool_use');
  const results = blocks.filter((block) => block.type === 'tool_result');
  assert.deepEqual(
    results.map((block) => block.tool_use_id),
    uses.map((block) => block.id),
    'every call has its result',
  );
  return results.filter((block) => uses.some((use) => use.id === block.tool_use_id && use.name === tool));
}

function holdsWord(result: Block | undefined, word: string): boolean {
  return result !== undefined && result.is_error !== true && JSON.stringify(result.content).includes(word);
}

function lastUserText(call: RequestRecord): string {
  const messages = messagesOf(call);
  return JSON.stringify(messages.slice(messages.findLastIndex((message) => message.role === 'assistant') + 1));
}

function messagesOf(call: RequestRecord): readonly Message[] {
  return (call.body as { readonly messages: readonly Message[] }).messages;
}
