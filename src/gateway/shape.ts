import type { RunningTurn } from '../claude/workforce.ts';
import type { StreamEvent } from '../wire/anthropic/events.ts';
import type { Emit } from '../wire/anthropic/filter.ts';
import type { MessageAssembler } from '../wire/anthropic/message.ts';
import { OcpError, toOcpError } from '../wire/errors.ts';
import type { AnswerPlan } from './answer-plan.ts';

/**
 * The events of a turn as the client asked for them: what the CLI cannot be told is applied here. Decides at the end
 * whether the worker holds what the client got, which is collected in `answer`, and can wait for the conversation to go on.
 */
export async function* shapeAnswer(
  running: RunningTurn,
  plan: AnswerPlan,
  signal: AbortSignal,
  answer: MessageAssembler,
): AsyncGenerator<StreamEvent, void> {
  const { turn } = running;
  const { merging } = plan;
  const cancel = (): void => turn.cancel(toOcpError(signal.reason));
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  let isWhole = false;
  let shaped: StreamEvent[] = [];
  const emit = through(plan, (event) => {
    answer.push(event);
    shaped.push(event);
  });
  try {
    for await (const event of turn.events) {
      if (merging === undefined) emit(event);
      else merging.push(event, emit);
      const ready = shaped;
      shaped = [];
      for (const each of ready) yield each;
      if (plan.cutting.some((filter) => filter.cut)) {
        turn.cut();
        return;
      }
    }
    if (plan.mustMeetSchema && (turn.missedSchema || merging?.rejected === true)) {
      throw new OcpError('upstream_error', 'The answer of the model does not follow the schema.');
    }
    merging?.finish(emit);
    yield* shaped;
    isWhole = true;
  } finally {
    signal.removeEventListener('abort', cancel);
    if (turn.isRunning) turn.cancel(new OcpError('client_closed', 'The client hung up.'));
    if (isWhole && plan.isNative) running.keep({ role: 'assistant', content: answer.message().content });
    else running.discard();
  }
}

/** Chains the cutting filters in front of the last receiver. */
function through({ cutting }: AnswerPlan, last: Emit): Emit {
  return cutting.reduceRight<Emit>((next, filter) => (event) => filter.push(event, next), last);
}
