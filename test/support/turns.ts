import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import type { RequestRecord } from '../../simulator/index.ts';

/** A message as an OpenAI client sends it. */
export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: string;
}

export interface ChatOptions {
  readonly key?: string;
  readonly signal?: AbortSignal;
  /** Further members of the request. */
  readonly body?: Readonly<Record<string, unknown>>;
}

/** What came back for a request that was not streamed. */
export interface ChatAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The error's code, when it is one. */
  readonly code: string | undefined;
}

export const user = (content: string): ChatMessage => ({ role: 'user', content });
export const assistant = (content: string): ChatMessage => ({ role: 'assistant', content });
export const system = (content: string): ChatMessage => ({ role: 'system', content });

/** Sends a Chat Completions request as it is; `fetch` neither retries nor hides a status. */
export async function send(
  ocp: { readonly url: string },
  messages: string | readonly ChatMessage[],
  { key, signal, body }: ChatOptions = {},
): Promise<Response> {
  return fetch(`${ocp.url}/v1/chat/completions`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    },
    body: JSON.stringify({
      model: 'sonnet',
      messages: typeof messages === 'string' ? [user(messages)] : messages,
      ...body,
    }),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** Sends a request and waits for its whole answer. */
export async function chat(...request: Parameters<typeof send>): Promise<ChatAnswer> {
  const response = await send(...request);
  const reply = (await response.json()) as {
    readonly choices?: readonly { readonly message: { readonly content: string } }[];
    readonly error?: { readonly code: string };
  };
  return {
    status: response.status,
    headers: response.headers,
    text: reply.choices?.[0]?.message.content ?? '',
    code: reply.error?.code,
  };
}

/** A streamed answer as its client reads it. */
export interface ChatStream {
  readonly response: Response;
  /** The next event of the stream, `[DONE]` included; undefined at its end. */
  next(): Promise<Readonly<Record<string, unknown>> | '[DONE]' | undefined>;
}

/** A response that nobody refers to is ended by `fetch`, so that a stream which is not read would hang up by itself. */
const kept = new Set<Response>();

/** Sends a streaming request; resolves at its first byte. */
export async function stream(...[ocp, messages, options]: Parameters<typeof send>): Promise<ChatStream> {
  const response = await send(ocp, messages, { ...options, body: { ...options?.body, stream: true } });
  assert.equal(response.status, 200);
  assert.ok(response.body);
  kept.add(response);
  const frames = framesOf(response.body);
  return {
    response,
    async next() {
      const frame = await frames.next();
      if (frame.done === true) {
        kept.delete(response);
        return undefined;
      }
      const data = frame.value.replace(/^data: /u, '');
      return data === '[DONE]' ? data : (JSON.parse(data) as Readonly<Record<string, unknown>>);
    },
  };
}

/** Reads a stream to its end: its text, and its last events. */
export async function readToEnd(
  chatStream: ChatStream,
): Promise<{ readonly text: string; readonly errorCode: string | undefined; readonly isDone: boolean }> {
  let text = '';
  let errorCode: string | undefined;
  for (;;) {
    const event = await chatStream.next();
    if (event === undefined || event === '[DONE]') return { text, errorCode, isDone: event === '[DONE]' };
    const { choices, error } = event as {
      readonly choices?: readonly { readonly delta: { readonly content?: string | null } }[];
      readonly error?: { readonly code: string };
    };
    text += choices?.[0]?.delta.content ?? '';
    errorCode = error?.code ?? errorCode;
  }
}

async function* framesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string, void> {
  let rest = '';
  for await (const piece of body.pipeThrough(new TextDecoderStream())) {
    const frames = (rest + piece).split('\n\n');
    rest = frames.pop() ?? '';
    yield* frames.filter((frame) => frame.startsWith('data: '));
  }
}

/** The session of the CLI that sent a request; a worker has a new one after it was emptied. */
export function sessionOf(record: RequestRecord | undefined): string {
  const { metadata } = (record?.body ?? {}) as { readonly metadata: { readonly user_id: string } };
  return (JSON.parse(metadata.user_id) as { readonly session_id: string }).session_id;
}

/** The folder of the worker that sent a request: one for each process, as the CLI of the tests tells it (marked-claude). */
export function workerOf(record: RequestRecord | undefined): string {
  const folder = record?.headers['x-test-worker'];
  assert.ok(typeof folder === 'string' && folder !== '', 'the request does not tell the folder of its worker');
  return folder;
}

/** The messages of a request to the API, without what the CLI adds to them. */
export function messagesOf(record: RequestRecord | undefined): readonly (readonly [string, string])[] {
  const { messages } = (record?.body ?? {}) as {
    readonly messages: readonly { readonly role: string; readonly content: string | readonly { text?: string }[] }[];
  };
  return messages
    .map(({ role, content }) => {
      const texts = typeof content === 'string' ? [content] : content.map((block) => block.text ?? '');
      return [
        role,
        texts.filter((text) => !/^\s*<(?:system-reminder|command-|local-command-)/u.test(text)).join(''),
      ] as const;
    })
    .filter(([role, text]) => role !== 'system' && text !== '');
}

/** Workers that were started by this process: their ids by their folders. */
export function workerProcesses(): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/u.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const isOurs = Number(parent) === process.pid && state !== 'Z';
      if (isOurs && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes('--input-format=stream-json')) {
        found.set(workerFolderOf(name), Number(name));
      }
    } catch {
      // It has ended in the meantime.
    }
  }
  return found;
}

/** The folder that OCP gave the worker with this process id. */
export function workerFolderOf(pid: string | number): string {
  const [, folder = ''] =
    /(?:^|\0)CLAUDE_CODE_TMPDIR=([^\0]*)/u.exec(readFileSync(`/proc/${pid}/environ`, 'utf8')) ?? [];
  return folder;
}

/** The process that sent a request to the API. */
export function processOf(record: RequestRecord | undefined): number {
  const pid = workerProcesses().get(workerOf(record));
  assert.ok(pid !== undefined, 'the worker has no process');
  return pid;
}
