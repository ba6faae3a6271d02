import type { Answer, AnswerBlock, AnswerFault, MessageAnswer, Pace } from '../answers/answer.ts';
import { errorAnswer } from '../answers/answer.ts';
import { ApiError } from '../errors.ts';

interface Directive {
  readonly name: string;
  readonly value: string;
}

interface Draft {
  readonly blocks: AnswerBlock[];
  pace: Pace;
  stopReason?: string;
  fault?: AnswerFault;
  /** Answers that are no message win over everything else. */
  instead?: Answer;
}

const directiveNames = 'text|thinking|tool|json|pieces|repeat|stop|error|cut|stall|malformed|stream-error|delay';

/**
 * Reads the directives inside a prompt, by which any client can steer the simulator:
 *
 *     [[text:…]] [[thinking:…]]        blocks of the answer, in order; several are allowed
 *     [[tool:NAME {"a":1}]]            a tool call; without JSON, with arguments that satisfy the tool's schema
 *     [[json:{"a":1}]] [[json:]]       structured output: given, or satisfying the request's schema
 *     [[pieces:["a","b"]]]             text in exactly these deltas
 *     [[repeat:N]]                     text of N tokens
 *     [[stop:REASON]]                  the stop reason
 *     [[error:STATUS]] [[error:429 3]] an error, with seconds for `retry-after`
 *     [[cut:N]] [[stall:N]] [[malformed:N]] [[stream-error:N]]   a fault once N tokens are out
 *     [[cut:headers]] [[stall:headers]]                          the same before any header
 *     [[delay:FIRST]] [[delay:FIRST,TOKEN]]                      milliseconds
 *
 * Undefined when there are none. @throws ApiError 400 for a directive that cannot be read.
 */
export function directedAnswer(prompt: string, ordinaryText: (prompt: string) => string): Answer | undefined {
  const { directives, rest } = findDirectives(prompt);
  if (directives.length === 0) return undefined;
  const draft: Draft = { blocks: [], pace: {} };
  for (const directive of directives) apply(directive, draft);
  if (draft.instead !== undefined) {
    return typeof draft.instead === 'string' ? draft.instead : { ...draft.instead, ...draft.pace };
  }
  const content = draft.blocks.length > 0 ? draft.blocks : [{ type: 'text' as const, text: ordinaryText(rest.trim()) }];
  const message: MessageAnswer = {
    ...draft.pace,
    kind: 'message',
    content,
    ...(draft.stopReason === undefined ? {} : { stopReason: draft.stopReason }),
    ...(draft.fault === undefined ? {} : { fault: draft.fault }),
  };
  return message;
}

function findDirectives(prompt: string): { directives: readonly Directive[]; rest: string } {
  const opening = new RegExp(String.raw`\[\[(${directiveNames}):`, 'g');
  const directives: Directive[] = [];
  let rest = '';
  let from = 0;
  for (let found = opening.exec(prompt); found !== null; found = opening.exec(prompt)) {
    const name = found[1] ?? '';
    const start = found.index + found[0].length;
    const end = endOf(prompt, start, name);
    if (end === undefined) throw unreadable(prompt.slice(found.index));
    directives.push({ name, value: prompt.slice(start, end) });
    rest += prompt.slice(from, found.index);
    from = end + 2;
    opening.lastIndex = from;
  }
  return { directives, rest: rest + prompt.slice(from) };
}

/** JSON may hold `]]` itself: there the first end that leaves whole JSON is the right one. */
function endOf(prompt: string, start: number, name: string): number | undefined {
  const first = prompt.indexOf(']]', start);
  if (first < 0) return undefined;
  if (!['tool', 'json', 'pieces'].includes(name)) return first;
  for (let end = first; end >= 0; end = prompt.indexOf(']]', end + 1)) {
    const value = prompt.slice(start, end);
    const json = name === 'tool' ? value.replace(/^\S+\s*/, '') : value;
    if (json.trim() === '' || parsed(json) !== undefined) return end;
  }
  return undefined;
}

function apply({ name, value }: Directive, draft: Draft): void {
  switch (name) {
    case 'text':
      draft.blocks.push({ type: 'text', text: value });
      break;
    case 'thinking':
      draft.blocks.push({ type: 'thinking', text: value });
      break;
    case 'tool': {
      const [, toolName = '', json = ''] = /^(\S+)\s*([\s\S]*)$/.exec(value.trim()) ?? [];
      draft.blocks.push({ type: 'tool_use', name: toolName, ...(json === '' ? {} : { input: parsed(json) }) });
      break;
    }
    case 'json':
      draft.instead = { kind: 'structured', ...(value.trim() === '' ? {} : { value: parsed(value) }) };
      break;
    case 'pieces':
      draft.blocks.push({ type: 'text', pieces: listOfText(parsed(value)) });
      break;
    case 'repeat':
      draft.blocks.push({ type: 'text', pieces: words(wholeNumber(value)) });
      break;
    case 'stop':
      draft.stopReason = value.trim();
      break;
    case 'error':
      draft.instead = scriptedError(value);
      break;
    case 'delay': {
      const [first = 0, token = 0] = value.split(',').map(wholeNumber);
      draft.pace = { firstTokenDelayMs: first, tokenDelayMs: token };
      break;
    }
    default:
      applyFault(name, value.trim(), draft);
  }
}

function applyFault(name: string, value: string, draft: Draft): void {
  if (value === 'headers' && name === 'cut') draft.instead = { kind: 'hang_up' };
  else if (value === 'headers' && name === 'stall') draft.instead = { kind: 'silent' };
  else {
    const kind = name === 'stream-error' ? 'error' : (name as 'cut' | 'stall' | 'malformed');
    draft.fault = { kind, afterTokens: wholeNumber(value) };
  }
}

function scriptedError(value: string): Answer {
  const [status = '', retryAfter] = value.trim().split(/\s+/);
  return errorAnswer(
    wholeNumber(status),
    retryAfter === undefined ? {} : { retryAfterSeconds: wholeNumber(retryAfter) },
  );
}

function* words(count: number): Generator<string, void> {
  for (let at = 1; at <= count; at++) yield at === 1 ? 'word' : ` word${at % 10}`;
}

function wholeNumber(text: string): number {
  if (!/^\s*\d+\s*$/.test(text)) throw unreadable(text);
  return Number(text);
}

function listOfText(value: unknown): readonly string[] {
  if (!Array.isArray(value) || !value.every((piece) => typeof piece === 'string')) {
    throw unreadable(JSON.stringify(value));
  }
  return value;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function unreadable(text: string): ApiError {
  return new ApiError(400, `The simulator cannot read this directive: ${text.slice(0, 80)}`);
}
