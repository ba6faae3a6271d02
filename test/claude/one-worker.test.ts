import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageAssembler } from '../../src/wire/anthropic/message.ts';
import { until } from '../support/processes.ts';
import { company, finish } from './company.ts';

test('with room for one worker no spare takes the place of the one that answers', async (t) => {
  const { ask, workforce, pids } = await company(t, { tokens: 2, intervalMs: 300 }, 1);
  const running = await ask('ada', 'Hello');
  const seen = new Set<number>();
  const watching = until(async () => {
    for (const pid of await pids()) seen.add(pid);
    return workforce.busy === 0;
  });
  await finish(running);
  await watching;
  assert.equal(seen.size, 1);
});

test('who asks again the moment an answer is complete gets its worker, not a new process', async (t) => {
  const { ask } = await company(t, { linesPerWrite: 1 }, 1);
  for (const expected of ['started', 'recycled', 'recycled', 'recycled', 'recycled']) {
    const running = await ask('ada', 'Hello');
    assert.equal(running.origin, expected);
    const assembler = new MessageAssembler();
    // Only to the end of the answer: the CLI has yet to say that it is done.
    for await (const event of running.turn.events) assembler.push(event);
    running.keep({ role: 'assistant', content: assembler.message().content });
  }
});
