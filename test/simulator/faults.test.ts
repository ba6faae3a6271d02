import assert from 'node:assert/strict';
import { test } from 'node:test';
import { APIConnectionError, APIError } from '@anthropic-ai/sdk';
import type { AnswerFault, Simulator } from '../../simulator/index.ts';
import { errorAnswer, promptTooLongAnswer, startSimulator, textAnswer } from '../../simulator/index.ts';
import { asking, client } from './support.ts';

async function failure(simulator: Simulator, apiKey?: string): Promise<unknown> {
  return client(simulator, apiKey)
    .messages.stream(asking('hi'))
    .finalMessage()
    .then(
      () => assert.fail('the request succeeded'),
      (error: unknown) => error,
    );
}

async function streamedBefore(simulator: Simulator): Promise<{ text: string; error: unknown }> {
  let text = '';
  try {
    for await (const event of client(simulator).messages.stream(asking('hi'))) {
      if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') text += event.delta.text;
    }
  } catch (error) {
    return { text, error };
  }
  return { text, error: undefined };
}

function faulty(kind: AnswerFault['kind'], afterTokens: number): ReturnType<typeof textAnswer> {
  return textAnswer('one two three four', { fault: { kind, afterTokens } });
}

test('each error status has its documented type, a message and a request id', async () => {
  const types: readonly (readonly [number, string])[] = [
    [400, 'invalid_request_error'],
    [401, 'authentication_error'],
    [403, 'permission_error'],
    [404, 'not_found_error'],
    [429, 'rate_limit_error'],
    [500, 'api_error'],
    [529, 'overloaded_error'],
  ];
  await using simulator = await startSimulator();
  for (const [status, type] of types) {
    simulator.setScript([{ reply: errorAnswer(status) }]);
    const error = await failure(simulator);
    assert.ok(error instanceof APIError);
    assert.deepEqual([error.status, error.type], [status, type]);
    assert.match(error.requestID ?? '', /^req_/);
    assert.equal(simulator.log.messages().at(-1)?.outcome, 'error');
  }
});

test('a 429 says when to retry only if told to', async () => {
  const script = [
    { times: 1, reply: errorAnswer(429, { retryAfterSeconds: 7 }) },
    { times: 1, reply: errorAnswer(429) },
  ];
  await using simulator = await startSimulator({ script });
  const seen: unknown[] = [];
  for (const _ of script) {
    const error = await failure(simulator);
    seen.push(error instanceof APIError && error.headers.get('retry-after'));
  }
  assert.deepEqual(seen, ['7', null]);
});

test('a prompt longer than the window, scripted or real, is refused in the words that clients look for', async () => {
  await using simulator = await startSimulator({
    script: [{ times: 1, reply: promptTooLongAnswer(210_000, 200_000) }],
  });
  assert.match(String(await failure(simulator)), /prompt is too long: 210000 tokens > 200000 maximum/);
  await using small = await startSimulator({ contextWindow: 10 });
  await assert.rejects(
    client(small).messages.create(asking('many words '.repeat(10))),
    /prompt is too long: 28 tokens > 10 maximum/,
  );
});

test('an unknown model is not found, and a call without a credential is refused', async () => {
  await using simulator = await startSimulator();
  await assert.rejects(
    client(simulator).messages.create({ ...asking('hi'), model: 'gpt-4' }),
    (error) => error instanceof APIError && error.status === 404,
  );
  const response = await fetch(`${simulator.url}/v1/messages`, { method: 'POST', body: JSON.stringify(asking('hi')) });
  assert.equal(response.status, 401);
});

test('a connection cut before the headers, or in the middle of the stream, is what the client sees', async () => {
  await using simulator = await startSimulator({ script: [{ reply: { kind: 'hang_up' } }] });
  assert.ok((await failure(simulator)) instanceof APIConnectionError);
  assert.equal(simulator.log.messages().at(-1)?.outcome, 'cut');

  simulator.setScript([{ reply: faulty('cut', 2) }]);
  const { text, error } = await streamedBefore(simulator);
  assert.equal(text, 'one two');
  assert.ok(error instanceof Error);
  const record = await simulator.log.waitFor((entry) => entry.outcome === 'cut' && entry.tokensSent === 2);
  assert.equal(record.status, 200);
});

test('an error event in the stream comes after the tokens before it', async () => {
  await using simulator = await startSimulator({ script: [{ reply: faulty('error', 3) }] });
  const { text, error } = await streamedBefore(simulator);
  assert.equal(text, 'one two three');
  assert.match(String(error), /overloaded_error/);
});

test('a malformed event breaks a client that parses it', async () => {
  await using simulator = await startSimulator({ script: [{ reply: faulty('malformed', 1) }] });
  const { text, error } = await streamedBefore(simulator);
  assert.equal(text, 'one');
  assert.ok(error instanceof Error);
  await simulator.log.waitFor((entry) => entry.outcome === 'malformed');
});

test('a stalled stream stays open until the client closes it, and that is noticed', async () => {
  await using simulator = await startSimulator({ script: [{ reply: faulty('stall', 1) }] });
  const stream = client(simulator).messages.stream(asking('hi'));
  const ended = stream.done().catch((error: unknown) => error);
  await simulator.log.waitFor((entry) => entry.tokensSent === 1);
  const aborted = performance.now();
  stream.abort();
  const record = await simulator.log.waitFor((entry) => entry.outcome === 'client_closed');
  assert.ok(performance.now() - aborted < 500);
  assert.ok(record.endedAt !== undefined);
  assert.ok((await ended) instanceof Error);
});

test('a client that gives up while it waits for the first token is noticed', async () => {
  await using simulator = await startSimulator({ script: [{ reply: { kind: 'silent' } }] });
  const stream = client(simulator).messages.stream(asking('hi'));
  const ended = stream.done().catch((error: unknown) => error);
  await simulator.log.waitFor((entry) => entry.body !== undefined);
  stream.abort();
  await simulator.log.waitFor((entry) => entry.outcome === 'client_closed');
  assert.ok((await ended) instanceof Error);
});
