import type { ContentBlockStartEvent, StreamEvent } from '../wire/anthropic/events.ts';
import { isObject } from '../wire/json.ts';
import type { ToolNames } from './tool-names.ts';

/** The tool by which the CLI makes the model answer in JSON. */
export const STRUCTURED_OUTPUT = 'StructuredOutput';

/** Stop reasons after which the CLI does not ask the API for more of the same answer. */
const QUIET_ENDS = new Set(['end_turn', 'stop_sequence', 'pause_turn', 'tool_use']);

/**
 * How many API messages a turn is made of. `answer`: one. `structured`: the CLI itself answers the call by which the model
 * gives its JSON, and may ask again. `agent`: the CLI runs tools of its own between the messages.
 */
export type TurnCourse = 'answer' | 'structured' | 'agent';

/**
 * What the CLI does once a message is over. `rest`: nothing. `hold`: it waits for the client's tools. `go_on`: more messages
 * or the end of the turn, as the course of the turn allows. `stray`: it would call the API although nobody asked.
 */
export type NextStep = 'rest' | 'hold' | 'go_on' | 'stray';

/** What has to be known of a message to foresee what the CLI does after it. */
export class MessageWatch {
  hasVisibleText = false;
  readonly #calls = new Map<number, { readonly cliName: string; json: string }>();

  /** Notes the block; a tool call comes back under the client's name for the tool. */
  start(event: ContentBlockStartEvent, names: ToolNames): ContentBlockStartEvent {
    const block = event.content_block;
    if (block.type !== 'tool_use') return event;
    this.#calls.set(event.index, { cliName: block.name, json: '' });
    return { ...event, content_block: { ...block, name: names.toClient(block.name) } };
  }

  delta(event: Extract<StreamEvent, { type: 'content_block_delta' }>): void {
    const { delta } = event;
    if (delta.type === 'text_delta') this.hasVisibleText ||= delta.text.trim() !== '';
    if (delta.type !== 'input_json_delta') return;
    const call = this.#calls.get(event.index);
    if (call !== undefined) call.json += delta.partial_json;
  }

  /** Foresees what the CLI does after this message. `isClientTool` takes names as the CLI knows them. */
  nextStep(
    reason: string,
    turn: { readonly course: TurnCourse; readonly isClientTool: (cliName: string) => boolean },
  ): NextStep {
    if (!QUIET_ENDS.has(reason)) return 'stray';
    if (turn.course === 'agent') return 'go_on';
    if (reason !== 'tool_use') {
      // After an empty answer the CLI asks for a visible one.
      if (turn.course === 'answer') return this.hasVisibleText ? 'rest' : 'stray';
      return 'go_on';
    }
    const calls = [...this.#calls.values()];
    if (turn.course === 'structured' && calls.every((call) => call.cliName === STRUCTURED_OUTPUT)) return 'go_on';
    // Calls of tools that are not the client's, or with broken arguments, are ones that the CLI would answer itself.
    const areSound = calls.every((call) => turn.isClientTool(call.cliName) && isJsonObject(call.json));
    return calls.length > 0 && areSound ? 'hold' : 'stray';
  }
}

function isJsonObject(json: string): boolean {
  if (json === '') return true;
  try {
    return isObject(JSON.parse(json));
  } catch {
    return false;
  }
}
