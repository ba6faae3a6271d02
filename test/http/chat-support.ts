import type { TestContext } from 'node:test';
import OpenAI from 'openai';
import type { RequestRecord, Script } from '../../simulator/index.ts';
import type { Ocp } from '../support/ocp.ts';

/** The official client, which neither repeats a request nor knows a real key. */
export function clientOf(ocp: Ocp, apiKey = 'none'): OpenAI {
  return new OpenAI({ baseURL: `${ocp.url}/v1`, apiKey, maxRetries: 0 });
}

/** Sets what the model answers and forgets what it was asked before. */
export function script(ocp: Ocp, ...rules: Script): void {
  ocp.simulator.setScript(rules);
  ocp.simulator.log.clear();
}

/** A question to the usual model, with further fields. */
export function question<T extends object = object>(
  content: string,
  fields?: T,
): { model: string; messages: { role: 'user'; content: string }[] } & T {
  return { model: 'sonnet', messages: [{ role: 'user', content }], ...(fields as T) };
}

/** A chat request without the client: what is given goes out as it is. */
export async function post(
  ocp: Ocp,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
  signal?: AbortSignal,
): Promise<Response> {
  return fetch(`${ocp.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** The error of OpenAI's shape in a body; every member is there, none besides. */
export interface ErrorBody {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string;
}

export async function errorOf(response: Response): Promise<ErrorBody> {
  const body = (await response.json()) as { readonly error: ErrorBody };
  if (Object.keys(body).join() !== 'error') throw new Error(`not an error body: ${JSON.stringify(body)}`);
  return body.error;
}

/** One frame of a chat stream, as far as tests read it. */
export interface Chunk {
  readonly id?: string;
  readonly object?: string;
  readonly created?: number;
  readonly model?: string;
  readonly choices?: readonly {
    readonly delta: { readonly role?: string; readonly content?: string; readonly reasoning_content?: string };
    readonly finish_reason: string | null;
  }[];
  readonly usage?: unknown;
  readonly error?: ErrorBody;
}

export interface SseText {
  /** The chunks; the end mark is not among them. */
  readonly chunks: readonly Chunk[];
  readonly text: string;
  /** Whether the last frame is the end mark, and the only one. */
  readonly isEnded: boolean;
  readonly comments: readonly string[];
}

/** Reads a whole stream strictly: every frame is one `data:` line with JSON, a comment, or the end mark. */
export function readSse(body: string): SseText {
  const frames = body.split('\n\n');
  if (frames.pop() !== '') throw new Error('the stream does not end with a whole frame');
  const comments = frames.filter((frame) => frame.startsWith(':'));
  const data = frames.filter((frame) => !frame.startsWith(':')).map(dataOf);
  const chunks = data.filter((text) => text !== '[DONE]').map((text) => JSON.parse(text) as Chunk);
  return {
    chunks,
    text: chunks.map((chunk) => chunk.choices?.[0]?.delta.content ?? '').join(''),
    isEnded: data.at(-1) === '[DONE]' && chunks.length === data.length - 1,
    comments,
  };
}

function dataOf(frame: string): string {
  if (!frame.startsWith('data: ') || frame.includes('\n')) throw new Error(`not a frame: ${frame}`);
  return frame.slice('data: '.length);
}

type Block = Readonly<Record<string, unknown>>;

/** A request as the CLI sent it upstream. */
export interface SentBody {
  readonly model: string;
  readonly max_tokens: number;
  readonly stream: boolean;
  readonly system: readonly { readonly text: string }[];
  readonly messages: readonly { readonly role: string; readonly content: readonly Block[] }[];
  readonly thinking?: { readonly type: string };
  readonly output_config?: { readonly effort?: string };
}

export function sentBody(record: RequestRecord | undefined): SentBody {
  if (record === undefined) throw new Error('no request reached the simulator');
  return record.body as SentBody;
}

/** The newest request that reached the simulator. */
export function lastSent(ocp: Ocp): SentBody {
  return sentBody(ocp.simulator.log.messages().at(-1));
}

/** The conversation in a request: without the CLI's own system messages, notes and cache marks. */
export function conversationOf(body: SentBody): { role: string; content: Block[] }[] {
  return body.messages
    .filter((message) => message.role !== 'system')
    .map(({ role, content }) => ({ role, content: content.filter((block) => !isNote(block)).map(withoutMark) }));
}

function isNote(block: Block): boolean {
  const { text } = block;
  return typeof text === 'string' && /^<(?:system-reminder|command-name|local-command-)/u.test(text);
}

function withoutMark({ cache_control: _mark, ...block }: Block): Block {
  return block;
}

/** The client's part of the system prompt: what stands behind the CLI's own two blocks. */
export function systemOf(body: SentBody): string {
  return body.system
    .slice(2)
    .map((block) => block.text)
    .join('\n');
}

/**
 * Resolves when the simulator has read all that was on its way to it: it lives in this process, so that a request of our
 * own is served after what came before.
 */
export async function settled(ocp: Ocp): Promise<void> {
  for (let round = 0; round < 2; round += 1) await (await fetch(`${ocp.simulator.url}/api/hello`)).arrayBuffer();
}

/** Fails the test when it took longer than it may, ms. */
export function within(context: TestContext, startedAt: number, limitMs: number): void {
  const took = performance.now() - startedAt;
  context.diagnostic(`took ${Math.round(took)} ms`);
  if (took > limitMs) throw new Error(`took ${Math.round(took)} ms, more than ${limitMs}`);
}
