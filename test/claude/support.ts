import type { TestContext } from 'node:test';
import { packMessages } from '../../src/claude/packed/pack-messages.ts';
import type { TurnEnd } from '../../src/claude/turn.ts';
import type { Turn } from '../../src/claude/turn.ts';
import { Worker } from '../../src/claude/worker.ts';
import { MessageAssembler } from '../../src/wire/anthropic/message.ts';
import type { AssistantMessage, Message } from '../../src/wire/anthropic/request.ts';
import { OcpError } from '../../src/wire/errors.ts';
import type { Scenario } from '../support/fake-claude/scenario.ts';
import type { FakeClaude } from '../support/fake-claude.ts';
import { fakeClaude } from '../support/fake-claude.ts';

export const model = 'claude-sonnet-4-6';

/** A worker of the scripted CLI; it is gone before the test's folder goes. */
export function scriptedWorker(t: TestContext, scenario: Scenario): { worker: Worker; cli: FakeClaude } {
  const cli = fakeClaude(t, scenario);
  const worker = new Worker({
    command: cli.command,
    model,
    onPlan: () => {},
    onSession: () => {},
    canOpen: () => true,
    onOpenedWrongly: () => {},
    now: Date.now,
  });
  t.after(async () => {
    worker.kill();
    await worker.ended;
  });
  return { worker, cli };
}

/** Starts a turn with this question on a worker that knows nothing yet. */
export function ask(worker: Worker, question: string): Turn {
  return worker.startTurn({
    settings: {},
    conversation: { messages: packMessages([userMessage(question)]), from: 0, hasBreakpoint: true },
  });
}

/** All that came out of a turn. */
export interface Outcome {
  readonly text: string;
  readonly error: OcpError | undefined;
  readonly end: TurnEnd;
  readonly answer: AssistantMessage;
}

/** Reads a turn to its end. */
export async function outcomeOf(turn: Turn): Promise<Outcome> {
  const assembler = new MessageAssembler();
  let error: OcpError | undefined;
  try {
    for await (const event of turn.events) assembler.push(event);
  } catch (thrown) {
    if (!(thrown instanceof OcpError)) throw thrown;
    error = thrown;
  }
  const { content } = assembler.message();
  const text = content.map((block) => (block.type === 'text' ? block.text : '')).join('');
  return { text, error, end: await turn.ended, answer: { role: 'assistant', content } };
}

export function userMessage(text: string): Message {
  return { role: 'user', content: [{ type: 'text', text }] };
}
