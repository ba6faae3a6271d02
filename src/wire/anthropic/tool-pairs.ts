import { CallIds, callIdForCli } from '../call-id.ts';
import { OcpError } from '../errors.ts';
import { listed } from '../name-list.ts';
import type { FieldPath } from '../validate.ts';
import { fieldName } from '../validate.ts';
import type { OpenResult } from '../open-result.ts';
import type { Turn } from './located.ts';

/**
 * Every call has one result in the next message, and every result a call in the message before.
 * With `openResults`, results before the first answer are added to it: the server may remember their calls. Raises OcpError
 * `invalid_request` as the API does. Contract: Anthropic API reference, tool use, "Handling tool results".
 */
export function checkToolResults(turns: readonly Turn[], openResults?: OpenResult[]): void {
  let open = new Map<string, FieldPath>();
  let hasAnswer = false;
  for (const turn of turns) {
    if (turn.role === 'assistant') {
      hasAnswer = true;
      open = openCalls(turn);
      continue;
    }
    for (const { block, path } of turn.blocks) {
      if (block.type !== 'tool_result' || open.delete(block.tool_use_id)) continue;
      const problem = `unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${listed([block.tool_use_id])}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message, and answer it once.`;
      if (openResults === undefined || hasAnswer) throw refused(problem, path);
      openResults.push({ id: callIdForCli(block.tool_use_id), problem, param: fieldName(path) });
    }
    checkAnswered(open);
  }
  checkAnswered(open);
}

function openCalls(turn: Turn & { readonly role: 'assistant' }): Map<string, FieldPath> {
  const open = new Map<string, FieldPath>();
  for (const { block, path } of turn.blocks) {
    if (block.type !== 'tool_use') continue;
    if (open.has(block.id)) throw refused('`tool_use` ids must be unique', [...path, 'id']);
    open.set(block.id, path);
  }
  return open;
}

/**
 * The same turns with the ids under which the CLI knows the calls. Calls and results are paired by their place: a client may
 * number its calls from the beginning in each turn.
 */
export function withCallIds(turns: readonly Turn[]): readonly Turn[] {
  const ids = new CallIds();
  let open: ReadonlyMap<string, string> = new Map();
  return turns.map((turn): Turn => {
    if (turn.role === 'user') {
      const blocks = turn.blocks.map(({ block, path }) => {
        if (block.type !== 'tool_result') return { block, path };
        const id = open.get(block.tool_use_id) ?? callIdForCli(block.tool_use_id);
        return { block: { ...block, tool_use_id: id }, path };
      });
      return { role: 'user', blocks };
    }
    const named = new Map<string, string>();
    open = named;
    const blocks = turn.blocks.map(({ block, path }) => {
      if (block.type !== 'tool_use') return { block, path };
      const id = ids.next(block.id);
      named.set(block.id, id);
      return { block: { ...block, id }, path };
    });
    return { role: 'assistant', blocks };
  });
}

function checkAnswered(open: ReadonlyMap<string, FieldPath>): void {
  for (const [, path] of open) {
    const problem = `\`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${listed(open.keys())}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`;
    throw refused(problem, path);
  }
}

function refused(message: string, path: FieldPath): OcpError {
  return new OcpError('invalid_request', message, { param: fieldName(path) });
}
