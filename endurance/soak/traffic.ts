import type { ServeProcess } from '../../test/support/serve-process.ts';
import type { Random } from '../support/random.ts';

/** What was done, and what went wrong where nothing should. */
export interface Traffic {
  readonly counts: Record<string, number>;
  readonly unexpected: string[];
}

/** The most that is kept of what went wrong. */
const KEPT = 50;
const HANGS_AFTER_MS = 60_000;

export interface Client {
  readonly ocp: Pick<ServeProcess, 'url'>;
  readonly key: string;
  readonly adminKey: string;
  readonly random: Random;
  readonly traffic: Traffic;
}

type Kind = (client: Client) => Promise<void>;

const tools = [
  { type: 'function', function: { name: 'look_up', description: 'Looks a word up.', parameters: { type: 'object' } } },
];

/** Every kind of request with how often it comes: what a household sends to a server. */
const kinds: readonly (readonly [string, number, Kind])[] = [
  ['question', 6, async (client) => void (await chat(client, [user(`Question ${client.random.whole(1e9)}`)]))],
  ['stream', 4, streamed],
  ['conversation', 4, conversation],
  ['tools', 3, toolLoop],
  ['named conversation', 2, named],
  ['cached', 2, async (client) => void (await chat(client, [user(`Always the same ${client.random.whole(3)}`)]))],
  ['stored response', 2, storedResponses],
  ['hang-up', 3, hangUp],
  ['messages', 2, messages],
  ['count', 1, countTokens],
  ['wrong', 2, wrong],
  ['views', 3, views],
  ['live feed', 1, liveFeed],
];

const deck: readonly (readonly [string, Kind])[] = kinds.flatMap(([name, weight, kind]) =>
  Array.from({ length: weight }, () => [name, kind] as const),
);

/** Does one thing that a client does. Never rejects: what is unexpected is noted. */
export async function act(client: Client): Promise<void> {
  const [name, kind] = client.random.pick(deck);
  client.traffic.counts[name] = (client.traffic.counts[name] ?? 0) + 1;
  try {
    await kind(client);
  } catch (error) {
    const { unexpected } = client.traffic;
    unexpected.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    if (unexpected.length > KEPT) unexpected.shift();
    client.traffic.counts['unexpected'] = (client.traffic.counts['unexpected'] ?? 0) + 1;
  }
}

interface Told {
  readonly role: string;
  readonly content: string | null;
  readonly tool_calls?: readonly { readonly id: string }[];
  readonly tool_call_id?: string;
}

const user = (content: string): Told => ({ role: 'user', content });

async function post(
  client: Client,
  path: string,
  body: object,
  { expected = 200, signal }: { readonly expected?: number; readonly signal?: AbortSignal } = {},
): Promise<Response> {
  const inTime = AbortSignal.timeout(HANGS_AFTER_MS);
  const response = await fetch(`${client.ocp.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${client.key}` },
    body: JSON.stringify({ model: 'sonnet', ...body }),
    signal: signal === undefined ? inTime : AbortSignal.any([signal, inTime]),
  });
  if (response.status !== expected)
    throw new Error(`${path} ${response.status} ${(await response.text()).slice(0, 200)}`);
  return response;
}

async function chat(client: Client, history: readonly Told[], body: object = {}): Promise<Told> {
  const response = await post(client, '/v1/chat/completions', { messages: history, ...body });
  const answer = (await response.json()) as { readonly choices: readonly [{ readonly message: Told }] };
  return answer.choices[0].message;
}

async function streamed(client: Client): Promise<void> {
  const response = await post(client, '/v1/chat/completions', { messages: [user('Stream this.')], stream: true });
  if (!(await response.text()).includes('[DONE]')) throw new Error('a stream without its end');
}

async function conversation(client: Client): Promise<void> {
  const history: Told[] = [];
  const turns = 2 + client.random.whole(3);
  for (let turn = 0; turn < turns; turn += 1) {
    history.push(user(`Turn ${turn}`));
    history.push(await chat(client, history));
  }
}

async function toolLoop(client: Client): Promise<void> {
  const history: Told[] = [user('Use the tool: please call')];
  const calling = await chat(client, history, { tools });
  const [call] = calling.tool_calls ?? [];
  if (call === undefined) throw new Error('no tool was called');
  // One in four never comes back with the result.
  if (client.random.whole(4) === 0) return;
  history.push(calling, { role: 'tool', content: 'Found.', tool_call_id: call.id });
  await chat(client, history, { tools });
}

async function named(client: Client): Promise<void> {
  const session_id = `talk ${client.random.whole(20)}`;
  await chat(client, [user('Remember me.')], { session_id });
}

async function storedResponses(client: Client): Promise<void> {
  const first = (await (await post(client, '/v1/responses', { input: 'Keep this.' })).json()) as {
    readonly id: string;
  };
  await post(client, '/v1/responses', { input: 'Go on.', previous_response_id: first.id });
}

async function hangUp(client: Client): Promise<void> {
  const left = new AbortController();
  const timer = setTimeout(() => left.abort(), client.random.whole(150));
  try {
    const body = { messages: [user('[[repeat:20]] A long answer.')], stream: true };
    const response = await post(client, '/v1/chat/completions', body, { signal: left.signal });
    await response.text();
  } catch (error) {
    if (!left.signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function messages(client: Client): Promise<void> {
  const response = await post(client, '/v1/messages', { max_tokens: 100, messages: [user('Hello.')] });
  await response.json();
}

async function countTokens(client: Client): Promise<void> {
  await (await post(client, '/v1/messages/count_tokens', { messages: [user('Count me.')] })).json();
}

async function wrong(client: Client): Promise<void> {
  await (await post(client, '/v1/chat/completions', { messages: 'none' }, { expected: 400 })).text();
  const unknown = { model: 'gpt-none', messages: [user('Hi')] };
  await (await post(client, '/v1/chat/completions', unknown, { expected: 404 })).text();
}

async function views(client: Client): Promise<void> {
  for (const path of ['/health', '/api/usage', '/api/stats', '/api/requests', '/metrics', '/dashboard']) {
    const response = await fetch(`${client.ocp.url}${path}`, {
      headers: { authorization: `Bearer ${client.adminKey}` },
      signal: AbortSignal.timeout(HANGS_AFTER_MS),
    });
    if (response.status >= 500 && response.status !== 503) throw new Error(`${path} ${response.status}`);
    await response.arrayBuffer();
  }
}

async function liveFeed(client: Client): Promise<void> {
  const left = new AbortController();
  const response = await fetch(`${client.ocp.url}/api/events`, {
    headers: { authorization: `Bearer ${client.adminKey}`, accept: 'text/event-stream' },
    signal: left.signal,
  });
  if (response.status !== 200) throw new Error(`/api/events ${response.status}`);
  const reader = response.body?.getReader();
  await reader?.read();
  setTimeout(() => left.abort(), 2000 + client.random.whole(5000));
}
