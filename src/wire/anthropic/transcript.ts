import { CallIds, callIdForCli, toolUseIdOf } from '../call-id.ts';
import { OcpError } from '../errors.ts';
import type { OpenResult } from '../open-result.ts';
import { wellFormed } from '../well-formed.ts';
import type {
  AssistantBlock,
  DocumentBlock,
  ImageBlock,
  TextBlock,
  ToolResultBlock,
  ToolResultContent,
  ToolUseBlock,
  UserBlock,
} from './content.ts';
import type { Message } from './request.ts';

/**
 * One step of a conversation as an OpenAI client tells it: calls carry the client's own ids, and a result may stand
 * anywhere after its call. `path` is the place of the result's call id in the request, for the error.
 */
export type TranscriptEntry =
  | { readonly kind: 'user'; readonly content: readonly (TextBlock | ImageBlock | DocumentBlock)[] }
  | {
      readonly kind: 'assistant';
      readonly content: readonly AssistantBlock[];
      /** Where its calls stand; absent where they may stay without results. */
      readonly callsAt?: string;
    }
  | {
      readonly kind: 'result';
      readonly callId: string;
      readonly content: readonly ToolResultContent[];
      readonly isError?: boolean;
      readonly path: string;
    };

interface Call {
  readonly id: string;
  /** As the client named it. */
  readonly clientId: string;
  /** Where it stands; undefined where it may stay without a result. */
  readonly at: string | undefined;
  result: ToolResultBlock | undefined;
}

/** The calls of one assistant turn that share a client's id, and how many of them are answered. */
interface CallGroup {
  readonly turn: Turn;
  readonly calls: Call[];
  answered: number;
}

type Turn =
  | { readonly role: 'user'; readonly blocks: UserBlock[] }
  | { readonly role: 'assistant'; readonly blocks: AssistantBlock[]; readonly calls: Call[] };

/**
 * The transcript in the order and shape that Anthropic asks for: consecutive entries of one role are one message, the
 * results of an assistant message's calls stand together directly behind it, ids are the CLI's (call-id.ts), blank texts are
 * gone, the first and the last message are the user's. Raises OcpError `invalid_request` for a result that answers no call
 * before it, or one that is answered already, and what `unanswered` makes of calls without results; those that may have none
 * get an error result. With `openResults`, results without a call at the beginning are kept and added to it: the server may
 * remember their calls.
 */
export function toMessages(
  entries: readonly TranscriptEntry[],
  unanswered: Unanswered,
  openResults?: OpenResult[],
): Message[] {
  const turns: Turn[] = [];
  for (const turn of collectTurns(entries, openResults)) {
    if (turn.role === 'user') {
      append(turns, { role: 'user', blocks: turn.blocks.map(repairText).filter(isMeaningful) });
      continue;
    }
    requireResults(turn.calls, unanswered);
    append(turns, { ...turn, blocks: finishAssistant(turn.blocks) });
    append(turns, { role: 'user', blocks: turn.calls.map((call) => call.result ?? missingResult(call.id)) });
  }
  if (openResults !== undefined && openResults.length > 0) resultsFirst(turns[0]);
  if (turns[0]?.role === 'assistant') turns.unshift(spoken('(The conversation so far begins with your answer.)'));
  if (turns.at(-1)?.role !== 'user') turns.push(spoken('Continue.'));
  return turns.map((turn) =>
    turn.role === 'user' ? { role: 'user', content: turn.blocks } : { role: 'assistant', content: turn.blocks },
  );
}

/** The error for calls that have no result: their ids as the client gave them, and where the first of them stands. */
export type Unanswered = (callIds: readonly string[], at: string) => OcpError;

function requireResults(calls: readonly Call[], unanswered: Unanswered): void {
  const open = calls.filter(({ at, result }) => result === undefined && at !== undefined);
  const at = open[0]?.at;
  if (at !== undefined)
    throw unanswered(
      open.map(({ clientId }) => clientId),
      at,
    );
}

function collectTurns(entries: readonly TranscriptEntry[], openResults: OpenResult[] | undefined): Turn[] {
  const turns: Turn[] = [];
  const book = new CallBook(openResults);
  let previous: TranscriptEntry['kind'] | undefined;
  for (const entry of entries) {
    if (entry.kind === 'result') {
      const open = book.answer(entry);
      if (open !== undefined) turns.push({ role: 'user', blocks: [open] });
    } else if (entry.kind === 'user') {
      turns.push({ role: 'user', blocks: [...entry.content] });
    } else {
      const last = turns.at(-1);
      const turn: Turn & { role: 'assistant' } =
        previous === 'assistant' && last?.role === 'assistant' ? last : { role: 'assistant', blocks: [], calls: [] };
      if (turn !== last) turns.push(turn);
      book.close();
      for (const block of entry.content) {
        turn.blocks.push(block.type === 'tool_use' ? book.open(block, turn, entry.callsAt) : block);
      }
    }
    previous = entry.kind;
  }
  return turns;
}

/** Which call a result belongs to, while the transcript is read. */
class CallBook {
  readonly #groupsById = new Map<string, CallGroup[]>();
  readonly #ids = new CallIds();
  #openResults: OpenResult[] | undefined;

  constructor(openResults: OpenResult[] | undefined) {
    this.#openResults = openResults;
  }

  /** From here on every result must have its call in the transcript. */
  close(): void {
    this.#openResults = undefined;
  }

  open(block: ToolUseBlock, turn: Turn & { role: 'assistant' }, at: string | undefined): ToolUseBlock {
    const id = this.#ids.next(toolUseIdOf(block.id));
    const call: Call = { id, clientId: block.id, at, result: undefined };
    turn.calls.push(call);
    const groups = this.#groupsById.get(block.id) ?? [];
    this.#groupsById.set(block.id, groups);
    const group = groups.at(-1);
    if (group?.turn === turn) group.calls.push(call);
    else groups.push({ turn, calls: [call], answered: 0 });
    return { ...block, id, input: wellFormed(block.input) };
  }

  /** A client that numbers its calls anew in every turn means the newest turn, and the calls of one turn in order. */
  answer(entry: TranscriptEntry & { kind: 'result' }): ToolResultBlock | undefined {
    const groups = this.#groupsById.get(entry.callId);
    let group = groups?.at(-1);
    while (group !== undefined && group.answered === group.calls.length) {
      groups?.pop();
      group = groups?.at(-1);
    }
    const call = group?.calls[group.answered];
    if (group === undefined || call === undefined) {
      const what = groups === undefined ? 'answers no tool call before it' : 'answers a tool call a second time';
      const problem = `The tool result for call '${entry.callId.slice(0, 64)}' ${what}.`;
      if (this.#openResults === undefined) throw new OcpError('invalid_request', problem, { param: entry.path });
      const id = callIdForCli(toolUseIdOf(entry.callId));
      this.#openResults.push({ id, problem, param: entry.path });
      return resultBlock(id, entry);
    }
    group.answered++;
    call.result = resultBlock(call.id, entry);
    return undefined;
  }
}

function resultBlock(id: string, { content, isError }: TranscriptEntry & { kind: 'result' }): ToolResultBlock {
  return {
    type: 'tool_result',
    tool_use_id: id,
    content: content.map(repairText).filter(isMeaningful),
    ...(isError === true ? { is_error: true } : {}),
  };
}

function resultsFirst(turn: Turn | undefined): void {
  if (turn?.role !== 'user') return;
  const isResult = ({ type }: UserBlock): boolean => type === 'tool_result';
  turn.blocks.sort((a, b) => Number(isResult(b)) - Number(isResult(a)));
}

function missingResult(id: string): ToolResultBlock {
  const text = 'No result came back for this call.';
  return { type: 'tool_result', tool_use_id: id, content: [{ type: 'text', text }], is_error: true };
}

/** Anthropic refuses a message that ends in thinking: the turn was cut off there, and nothing was said. */
function finishAssistant(blocks: readonly AssistantBlock[]): AssistantBlock[] {
  const kept = blocks.map(repairText).filter(isMeaningful);
  return kept.slice(0, kept.findLastIndex((block) => block.type === 'text' || block.type === 'tool_use') + 1);
}

function append(turns: Turn[], turn: Turn): void {
  if (turn.blocks.length === 0) return;
  const last = turns.at(-1);
  if (last?.role === 'user' && turn.role === 'user') for (const block of turn.blocks) last.blocks.push(block);
  else if (last?.role === 'assistant' && turn.role === 'assistant') {
    for (const block of turn.blocks) last.blocks.push(block);
  } else turns.push(turn);
}

function repairText<T extends UserBlock | AssistantBlock>(block: T): T {
  return block.type === 'text' && !block.text.isWellFormed() ? { ...block, text: block.text.toWellFormed() } : block;
}

function isMeaningful(block: UserBlock | AssistantBlock): boolean {
  return block.type !== 'text' || block.text.trim() !== '';
}

function spoken(text: string): Turn {
  return { role: 'user', blocks: [{ type: 'text', text }] };
}
