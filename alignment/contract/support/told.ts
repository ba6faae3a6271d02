import type { RequestRecord, Simulator } from '../../../simulator/index.ts';
import { assistantLine, userLine } from '../../../src/claude/protocol.ts';
import type { JsonObject } from '../../../src/wire/json.ts';
import type { JsonPieces } from '../../../src/claude/packed/messages.ts';
import { listedTools, packTools } from '../../../src/claude/packed/setup-parts.ts';
import type { PlainSetup, TurnSettings } from '../../../src/claude/setup.ts';
import { initializeRequest, packSetup, settingsRequest } from '../../../src/claude/setup.ts';
import { toolNames } from '../../../src/claude/tool-names.ts';
import type { Cli } from './cli.ts';
import { model } from './site.ts';

/** What OCP writes, as the tests of the CLI alone write it. */

/** The first request to a worker. */
export function initialize(setup: Partial<PlainSetup> = {}): Readonly<Record<string, unknown>> {
  const whole = { model, system: ['You answer.'], tools: [], ...setup };
  return parsed(initializeRequest(packSetup(whole), toolNames(whole.tools.map((tool) => tool.name))));
}

/** Gives a CLI its set-up, and answers it if it asks for the tools again. */
export async function setUp(cli: Cli, setup: Partial<PlainSetup> = {}): Promise<Readonly<Record<string, unknown>>> {
  const tools = setup.tools ?? [];
  const listed = listedTools(packTools(tools), toolNames(tools.map(({ name }) => name)));
  cli.serveTools(JSON.parse(`[${textOf(listed)}]`) as readonly object[]);
  return cli.ask(initialize(setup));
}

/** The settings of a turn. */
export function settings(wanted: TurnSettings): Readonly<Record<string, unknown>> {
  return settingsRequest(wanted);
}

/** The question that is answered. */
export function asked(content: string | readonly object[]): object {
  return parsed(userLine([blocks(content)], { query: true }));
}

/** A past message of the user. */
export function past(content: string | readonly object[]): object {
  return parsed(userLine([blocks(content)], { query: false }));
}

/** A past message of the assistant. */
export function answered(content: string | readonly object[], id = 'msg_past'): object {
  return parsed(assistantLine([blocks(content)], id, model));
}

/** The `messages` of the API's request. */
export function sentMessages(record: RequestRecord | undefined): readonly SentMessage[] {
  return (bodyOf(record)['messages'] ?? []) as readonly SentMessage[];
}

export interface SentMessage {
  readonly role: string;
  readonly content: string | readonly (Readonly<Record<string, unknown>> & { readonly type: string })[];
}

export function bodyOf(record: RequestRecord | undefined): Readonly<Record<string, unknown>> {
  return (record?.body ?? {}) as Readonly<Record<string, unknown>>;
}

/** The last request of the API that asked for an answer. */
export function lastCall(simulator: Simulator): RequestRecord | undefined {
  return simulator.log.messages().at(-1);
}

/** All texts of a message. */
export function textsOf(message: SentMessage | undefined): readonly string[] {
  if (typeof message?.content === 'string') return [message.content];
  return (message?.content ?? []).flatMap((block) => (typeof block['text'] === 'string' ? [block['text']] : []));
}

/** A tool of a client. */
export function tool(name: string, properties: JsonObject = {}): PlainSetup['tools'][number] {
  return { name, description: `The tool ${name}.`, input_schema: { type: 'object', properties } };
}

function blocks(content: string | readonly object[]): string {
  return JSON.stringify(typeof content === 'string' ? [{ type: 'text', text: content }] : content);
}

function textOf(pieces: JsonPieces): string {
  return pieces.map((piece) => (typeof piece === 'string' ? piece : Buffer.from(piece).toString())).join('');
}

/** A line of OCP's, as an object. */
export function parsed(pieces: JsonPieces): Readonly<Record<string, unknown>> {
  return JSON.parse(textOf(pieces)) as Readonly<Record<string, unknown>>;
}
