import { ApiError } from '../errors.ts';
import type { WireObject } from '../json.ts';
import { contentBlocks } from '../json.ts';

interface Turn {
  readonly at: number;
  readonly role: unknown;
  readonly blocks: readonly WireObject[];
}

/** Every tool use is answered in the next turn, and every tool result answers one of the turn before. @throws ApiError 400. */
export function validateToolPairs(messages: readonly WireObject[]): void {
  let previous: Turn | undefined;
  for (const turn of mergedTurns(messages)) {
    const calls = previous?.role === 'assistant' ? idsOf(previous, 'tool_use', 'id') : [];
    const results = turn.role === 'user' ? idsOf(turn, 'tool_result', 'tool_use_id') : [];
    checkUnanswered(previous, calls, results);
    const stray = results.find((id) => !calls.includes(id));
    if (stray !== undefined) {
      throw new ApiError(
        400,
        `messages.${turn.at}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${stray}. ` +
          'Each `tool_result` block must have a corresponding `tool_use` block in the previous message.',
      );
    }
    previous = turn;
  }
  if (previous?.role === 'assistant') checkUnanswered(previous, idsOf(previous, 'tool_use', 'id'), []);
}

function checkUnanswered(turn: Turn | undefined, calls: readonly string[], results: readonly string[]): void {
  const open = calls.filter((id) => !results.includes(id));
  if (turn === undefined || open.length === 0) return;
  throw new ApiError(
    400,
    `messages.${turn.at}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ` +
      `${open.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
  );
}

/** Consecutive messages of one role are one turn to the API; system messages in between do not end it. */
function mergedTurns(messages: readonly WireObject[]): readonly Turn[] {
  const turns: Turn[] = [];
  for (const [at, message] of messages.entries()) {
    if (message['role'] === 'system') continue;
    const blocks = contentBlocks(message['content']);
    const last = turns.at(-1);
    if (last !== undefined && last.role === message['role']) {
      turns[turns.length - 1] = { ...last, blocks: [...last.blocks, ...blocks] };
    } else {
      turns.push({ at, role: message['role'], blocks });
    }
  }
  return turns;
}

function idsOf(turn: Turn, type: string, key: string): readonly string[] {
  return turn.blocks.filter((block) => block['type'] === type).map((block) => String(block[key]));
}
