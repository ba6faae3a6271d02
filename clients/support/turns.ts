import { assertSecondTurn, assertTells, assertToolTurn, assertWentOn } from './expect.ts';
import type { ToolCall } from './prompts.ts';
import { modelScript } from './prompts.ts';
import type { Run } from './run.ts';
import type { Trial } from './trial.ts';

/** The two turns that every client is put through. */
export interface TwoTurns {
  /** How the model reads README.md with the client's tool. */
  readonly call: ToolCall;
  /** Starts the client with the prompt that needs the tool. */
  readonly first: () => Promise<Run>;
  /** Starts it again with the prompt that needs the first turn. */
  readonly second: () => Promise<Run>;
}

/** Runs both turns and holds each to what the client shows and to what reached the API. */
export async function playTwoTurns(trial: Trial, { call, first, second }: TwoTurns): Promise<void> {
  const { surface, edits = [] } = trial.plan;
  const expected = { surface, tool: call.name, word: trial.word };
  trial.ocp.simulator.setScript(modelScript(call));
  const reading = await trial.observe(first);
  assertTells(reading.result, trial.word);
  assertToolTurn(reading, expected);
  if (!edits.includes('result')) assertWentOn(reading);
  const repeating = await trial.observe(second);
  assertTells(repeating.result, trial.word);
  assertSecondTurn(repeating, expected);
  if (!edits.includes('second')) assertWentOn(repeating);
}
