import type { WireObject } from '../json.ts';
import { contentBlocks, isObject, objectsOf } from '../json.ts';
import type { Refuse, Rule } from './rule.ts';

const toolUseId = /^[a-zA-Z0-9_-]+$/;
const handling = 'Handle tool calls: Handling results from client tools';

/** Rules about calls and their results. */
export const toolPairRules: readonly Rule[] = [
  {
    name: 'tool-use-shape',
    source: handling,
    check: ({ messages }, refuse) => {
      for (const { block, place } of placed(messages, 'tool_use')) {
        const { id, name, input } = block;
        if (typeof id !== 'string' || !toolUseId.test(id)) {
          refuse(`${place}.tool_use.id: String should match pattern '${toolUseId.source}'`);
        }
        if (typeof name !== 'string' || name === '' || name.length > 200) {
          refuse(`${place}.tool_use.name: String should have 1 to 200 characters`);
        }
        if (!isObject(input)) refuse(`${place}.tool_use.input: Input should be a valid dictionary`);
      }
      for (const { block, place } of placed(messages, 'tool_result')) {
        const id = block['tool_use_id'];
        if (typeof id !== 'string' || !toolUseId.test(id)) {
          refuse(`${place}.tool_result.tool_use_id: String should match pattern '${toolUseId.source}'`);
        }
      }
    },
  },
  {
    name: 'tool-use-ids-unique',
    source: handling,
    check: ({ messages }, refuse) => {
      const seen = new Set<unknown>();
      for (const { block, place } of placed(messages, 'tool_use')) {
        if (seen.has(block['id'])) refuse(`${place}: \`tool_use\` ids must be unique`);
        seen.add(block['id']);
      }
    },
  },
  {
    name: 'tool-result-once',
    source: handling,
    check: ({ messages }, refuse) => {
      for (const turn of mergedTurns(objectsOf(messages))) {
        const ids = turn.role === 'user' ? idsOf(turn, 'tool_result', 'tool_use_id') : [];
        const again = ids.find((id, at) => ids.indexOf(id) !== at);
        if (again !== undefined) {
          refuse(
            `messages.${turn.at}: each tool_use must have a single result. Found multiple \`tool_result\` blocks with id: ${again}`,
          );
        }
      }
    },
  },
  {
    name: 'tool-results-first',
    source: handling,
    check: ({ messages }, refuse) => {
      const turns = mergedTurns(objectsOf(messages));
      for (const turn of turns) {
        if (turn.role !== 'user') continue;
        const types = turn.blocks.map((block) => block['type']);
        const last = types.lastIndexOf('tool_result');
        const other = types.findIndex((type) => type !== 'tool_result');
        if (other !== -1 && other < last) {
          refuse(`messages.${turn.at}: \`tool_result\` blocks must come first in the content of a user message.`);
        }
      }
    },
  },
  {
    name: 'tool-pairs',
    source: handling,
    check: ({ messages }, refuse) => validateToolPairs(objectsOf(messages), refuse),
  },
];

function placed(messages: unknown, type: string): readonly { readonly block: WireObject; readonly place: string }[] {
  return objectsOf(messages).flatMap(({ content }, at) =>
    contentBlocks(content).flatMap((block, index) =>
      block['type'] === type ? [{ block, place: `messages.${at}.content.${index}` }] : [],
    ),
  );
}

interface Turn {
  readonly at: number;
  readonly role: unknown;
  readonly blocks: readonly WireObject[];
}

/** Every tool use is answered in the next turn, and every tool result answers one of the turn before. */
function validateToolPairs(messages: readonly WireObject[], refuse: Refuse): void {
  let previous: Turn | undefined;
  for (const turn of mergedTurns(messages)) {
    const calls = previous?.role === 'assistant' ? idsOf(previous, 'tool_use', 'id') : [];
    const results = turn.role === 'user' ? idsOf(turn, 'tool_result', 'tool_use_id') : [];
    checkUnanswered(previous, calls, results, refuse);
    const stray = results.find((id) => !calls.includes(id));
    if (stray !== undefined) {
      refuse(
        `messages.${turn.at}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${stray}. ` +
          'Each `tool_result` block must have a corresponding `tool_use` block in the previous message.',
      );
    }
    previous = turn;
  }
  if (previous?.role === 'assistant') checkUnanswered(previous, idsOf(previous, 'tool_use', 'id'), [], refuse);
}

function checkUnanswered(
  turn: Turn | undefined,
  calls: readonly string[],
  results: readonly string[],
  refuse: Refuse,
): void {
  const open = calls.filter((id) => !results.includes(id));
  if (turn === undefined || open.length === 0) return;
  refuse(
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
