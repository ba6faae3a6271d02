import { Agent, request } from 'node:http';
import { hrtime } from 'node:process';

/** A streamed answer and the moments that matter; times in ns of the monotonic clock. */
export interface StreamedAnswer {
  readonly sentAt: bigint;
  /** The first piece of content; equal to `endedAt` when there was none. */
  readonly firstAt: bigint;
  readonly endedAt: bigint;
  readonly text: string;
  readonly events: readonly unknown[];
  /** Whether the stream was ended as its protocol says. */
  readonly isComplete: boolean;
}

export interface StreamOptions {
  /** Called with each piece of text as it comes. */
  readonly onText?: (text: string, at: bigint) => void;
  /** Keep the events for the caller; costs memory. */
  readonly keepEvents?: boolean;
}

/** What an event of a protocol says. */
interface EventReader {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The text in the event, or undefined when it carries no content; tool arguments count as content. */
  readonly contentOf: (event: unknown) => string | undefined;
  readonly isEnd: (data: string) => boolean;
}

const agent = new Agent({ keepAlive: true, maxSockets: Infinity });

/** Closes the connections that are kept for the next request. */
export function closeConnections(): void {
  agent.destroy();
}

const chat: EventReader = {
  path: '/v1/chat/completions',
  headers: {},
  contentOf: (event) => {
    const delta = (event as ChatChunk).choices?.[0]?.delta;
    if (delta?.tool_calls !== undefined) return '';
    return delta?.content === undefined || delta.content === '' ? undefined : (delta.content ?? undefined);
  },
  isEnd: (data) => data === '[DONE]',
};

const messages: EventReader = {
  path: '/v1/messages',
  headers: { 'anthropic-version': '2023-06-01', 'x-api-key': 'sk-ant-simulated' },
  contentOf: (event) => (event as MessagesEvent).delta?.text,
  isEnd: (data) => data.includes('"message_stop"'),
};

interface ChatChunk {
  readonly choices?: readonly [
    { readonly delta?: { readonly content?: string | null; readonly tool_calls?: unknown } },
  ];
}

interface MessagesEvent {
  readonly delta?: { readonly text?: string };
}

/** Streams a chat completion. Rejects when the answer is an error. */
export async function streamChat(url: string, body: object, options: StreamOptions = {}): Promise<StreamedAnswer> {
  return stream(url, chat, { ...body, stream: true }, options);
}

/** Streams an answer of the Messages API. Rejects when the answer is an error. */
export async function streamMessage(url: string, body: object, options: StreamOptions = {}): Promise<StreamedAnswer> {
  return stream(url, messages, { ...body, stream: true }, options);
}

async function stream(url: string, reader: EventReader, body: object, options: StreamOptions): Promise<StreamedAnswer> {
  const json = JSON.stringify(body);
  const headers = { ...reader.headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) };
  return new Promise((resolve, reject) => {
    const sentAt = hrtime.bigint();
    const outgoing = request(`${url}${reader.path}`, { method: 'POST', agent, headers }, (response) => {
      let rest = '';
      let text = '';
      let firstAt: bigint | undefined;
      let isComplete = false;
      const events: unknown[] = [];
      const onEvent = (data: string, at: bigint): void => {
        if (reader.isEnd(data)) isComplete = true;
        if (!data.startsWith('{')) return;
        const event: unknown = JSON.parse(data);
        if (options.keepEvents === true) events.push(event);
        const content = reader.contentOf(event);
        if (content === undefined) return;
        firstAt ??= at;
        text += content;
        options.onText?.(content, at);
      };
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        const at = hrtime.bigint();
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) if (line.startsWith('data: ')) onEvent(line.slice('data: '.length), at);
      });
      response.on('error', reject);
      response.on('end', () => {
        const endedAt = hrtime.bigint();
        if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}: ${rest.slice(0, 500)}`));
        else resolve({ sentAt, firstAt: firstAt ?? endedAt, endedAt, text, events, isComplete });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(json);
  });
}
