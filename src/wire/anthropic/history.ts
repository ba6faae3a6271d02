import { OcpError, prefillError } from '../errors.ts';
import type { OpenResult } from '../open-result.ts';
import type { FieldPath } from '../validate.ts';
import { fieldName } from '../validate.ts';
import { assistantBlocks, textBlocks, userBlocks } from './content-schema.ts';
import type { WireAssistantBlock, WireUserBlock } from './content-schema.ts';
import type { AssistantBlock, UserBlock } from './content.ts';
import type { Located, Turn } from './located.ts';
import type { Ignore } from './read-blocks.ts';
import { readContent, readMedia, readText, readToolResult } from './read-blocks.ts';
import type { Message } from './request.ts';
import type { WireMessage } from './schema.ts';
import { surroundings } from './surroundings.ts';
import { checkToolResults, withCallIds } from './tool-pairs.ts';

/**
 * The messages in normal form: one message for consecutive ones of a role, tool results in front of the other blocks of
 * their message, no blank texts. A system message inside the conversation stays in its place, as text that the model
 * knows to come from its surroundings. `openResults` gets the results whose calls the server may remember. Raises OcpError `invalid_request` where the API itself would refuse.
 */
export function readHistory(messages: readonly WireMessage[], ignore: Ignore, openResults?: OpenResult[]): Message[] {
  const turns = merge(messages.map((message, index) => readTurn(message, ['messages', index], ignore)));
  checkToolResults(turns, openResults);
  checkEnds(turns, messages.length);
  return withCallIds(turns).map((turn) =>
    turn.role === 'user'
      ? { role: 'user', content: turn.blocks.map(({ block }) => block) }
      : { role: 'assistant', content: turn.blocks.map(({ block }) => block) },
  );
}

function readTurn({ role, content }: WireMessage, path: FieldPath, ignore: Ignore): Turn {
  if (content.length === 0) throw refused('all messages must have non-empty content', [...path, 'content']);
  const at = [...path, 'content'];
  switch (role) {
    case 'user':
      return {
        role,
        blocks: readContent(content, userBlocks, at, ignore).flatMap((located) => readUser(located, ignore)),
      };
    case 'assistant':
      return { role, blocks: readAssistant(readContent(content, assistantBlocks, at, ignore), ignore) };
    case 'system': {
      const texts = readContent(content, textBlocks, at, ignore).map(({ block }) => block.text);
      const block = surroundings(texts);
      return { role: 'user', blocks: texts.length === 0 ? [] : [{ block, path }] };
    }
  }
}

function readUser({ block, path }: Located<WireUserBlock>, ignore: Ignore): Located<UserBlock>[] {
  if (block.type === 'tool_result') return [{ block: readToolResult({ block, path }, ignore), path }];
  return readMedia({ block, path }, ignore).map((each) => ({ block: each, path }));
}

function readAssistant(
  blocks: readonly Located<WireAssistantBlock>[],
  ignore: Ignore,
): readonly Located<AssistantBlock>[] {
  const kept = blocks.flatMap(({ block, path }): Located<AssistantBlock>[] => {
    if (block.type === 'text') return readText(block.text).map((each) => ({ block: each, path }));
    if (block.type === 'thinking' && block.signature === '') {
      ignore('content.thinking');
      return [];
    }
    return [{ block, path }];
  });
  // Anthropic refuses a message that ends in thinking: the turn was cut off there, and nothing was said.
  return kept.slice(0, kept.findLastIndex(({ block }) => block.type === 'text' || block.type === 'tool_use') + 1);
}

function merge(turns: readonly Turn[]): Turn[] {
  const merged: GrowingTurn[] = [];
  for (const turn of turns) {
    const last = merged.at(-1);
    if (turn.blocks.length === 0) continue;
    if (last?.role === 'user' && turn.role === 'user') for (const block of turn.blocks) last.blocks.push(block);
    else if (last?.role === 'assistant' && turn.role === 'assistant') {
      for (const block of turn.blocks) last.blocks.push(block);
    } else
      merged.push(turn.role === 'user' ? { ...turn, blocks: [...turn.blocks] } : { ...turn, blocks: [...turn.blocks] });
  }
  return merged.map((turn) => (turn.role === 'user' ? { role: 'user', blocks: resultsFirst(turn.blocks) } : turn));
}

/** A turn that takes up those behind it: adding to its own list costs what is added, making a new one what is there. */
type GrowingTurn =
  | { readonly role: 'user'; readonly blocks: Located<UserBlock>[] }
  | { readonly role: 'assistant'; readonly blocks: Located<AssistantBlock>[] };

function resultsFirst(blocks: readonly Located<UserBlock>[]): readonly Located<UserBlock>[] {
  const results = blocks.filter(({ block }) => block.type === 'tool_result');
  return [...results, ...blocks.filter(({ block }) => block.type !== 'tool_result')];
}

function checkEnds(turns: readonly Turn[], count: number): void {
  if (turns.length === 0) throw refused('at least one message with content is required', ['messages']);
  if (turns[0]?.role !== 'user') throw refused('the first message must use the `user` role', ['messages', 0]);
  if (turns.at(-1)?.role !== 'user') throw prefillError(fieldName(['messages', count - 1]));
}

function refused(message: string, path: FieldPath): OcpError {
  return new OcpError('invalid_request', message, { param: fieldName(path) });
}
