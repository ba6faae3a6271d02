import type { Answer } from '../answers/answer.ts';
import type { SimulatedRequest } from '../request.ts';

/** What the simulator answers when no rule of the script matches. */
export function defaultAnswer(request: SimulatedRequest): Answer {
  return `You said: ${request.lastUserText}`;
}
