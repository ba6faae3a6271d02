import type { RunningTurn } from '../claude/workforce.ts';
import type { StreamEvent } from '../wire/anthropic/events.ts';
import { MessageAssembler } from '../wire/anthropic/message.ts';
import type { MessagesRequest } from '../wire/anthropic/request.ts';
import { createStopFilter } from '../wire/anthropic/stop-sequences.ts';
import { OcpError, toOcpError } from '../wire/errors.ts';

/**
 * The events of a turn as the client asked for them: what the CLI cannot be told (stop sequences) is applied here. Decides
 * at the end whether the worker holds what the client got, and can wait for the conversation to go on.
 */
export async function* shapeAnswer(
  running: RunningTurn,
  request: MessagesRequest,
  signal: AbortSignal,
): AsyncGenerator<StreamEvent, void> {
  const { turn } = running;
  const stop = createStopFilter(request.stopSequences);
  const answer = new MessageAssembler();
  const cancel = (): void => turn.cancel(toOcpError(signal.reason));
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  let isWhole = false;
  try {
    const out: StreamEvent[] = [];
    for await (const event of turn.events) {
      stop.push(event, (shaped) => out.push(shaped));
      for (const shaped of out) {
        answer.push(shaped);
        yield shaped;
      }
      out.length = 0;
      if (stop.cut) {
        turn.cut();
        return;
      }
    }
    isWhole = true;
  } finally {
    signal.removeEventListener('abort', cancel);
    turn.cancel(new OcpError('client_closed', 'The client hung up.'));
    if (isWhole) running.keep({ role: 'assistant', content: answer.message().content });
    else running.discard();
  }
}
