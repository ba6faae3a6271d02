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
  const seen = new Set<string>();
  let open = new Map<string, FieldPath>();
  let hasAnswer = false;
  for (const turn of turns) {
    if (turn.role === 'assistant') {
      hasAnswer = true;
      open = openCalls(turn, seen);
      continue;
    }
    for (const { block, path } of turn.blocks) {
      if (block.type !== 'tool_result' || open.delete(block.tool_use_id)) continue;
      const problem = `unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${listed([block.tool_use_id])}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message, and answer it once.`;
      if (openResults === undefined || hasAnswer) throw refused(problem, path);
      openResults.push({ id: block.tool_use_id, problem, param: fieldName(path) });
    }
    checkAnswered(open);
  }
  checkAnswered(open);
}

function openCalls(turn: Turn & { readonly role: 'assistant' }, seen: Set<string>): Map<string, FieldPath> {
  const open = new Map<string, FieldPath>();
  for (const { block, path } of turn.blocks) {
    if (block.type !== 'tool_use') continue;
    if (seen.has(block.id)) throw refused('`tool_use` ids must be unique', [...path, 'id']);
    seen.add(block.id);
    open.set(block.id, path);
  }
  return open;
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
