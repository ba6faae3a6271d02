import type { Script, SimulatedRequest } from '../../simulator/index.ts';
import { toolAnswer } from '../../simulator/index.ts';

/** The first turn: nobody can answer it without a call of the client's own tool. */
export const readPrompt = 'Please read README.md and tell me the word in it.';

/** The second turn: only who was sent the first one can answer it. */
export const repeatPrompt = 'What was the word again?';

/** A call of a client's tool. */
export interface ToolCall {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/**
 * What a model would do: answers the first prompt with the call (its result is then quoted by the simulator's own rule),
 * and the second one with what the request's history holds.
 */
export function modelScript(call: ToolCall): Script {
  return [
    { when: { text: repeatPrompt, hasToolResults: false }, reply: (request) => `Again: ${wordIn(request)}` },
    { when: { text: readPrompt, tool: call.name, hasToolResults: false }, reply: toolAnswer(call) },
  ];
}

function wordIn(request: SimulatedRequest): string {
  return /word[0-9a-f]{12}/.exec(JSON.stringify(request.body['messages']))?.[0] ?? 'not in the history';
}
