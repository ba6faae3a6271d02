import type { Answer, AnswerBlock } from '../answers/answer.ts';
import type { WireObject } from '../json.ts';
import { isObject } from '../json.ts';
import type { Match, Rule, Script, TextPattern } from './rule.ts';

/**
 * Reads a script from JSON: a list of `{when?, reply, times?}`. A pattern is a string (a part of the text) or
 * `{"pattern": "…", "flags": "i"}`; a reply is a string or an answer object as in answers/answer.ts.
 * @throws SyntaxError that names the place that is wrong.
 */
export function parseScript(json: string): Script {
  const value: unknown = JSON.parse(json);
  if (!Array.isArray(value)) throw new SyntaxError('a rules file is a JSON list of rules');
  return value.map((rule, at) => readRule(rule, `rule ${at + 1}`));
}

function readRule(value: unknown, place: string): Rule {
  const rule = objectAt(value, place);
  onlyMembers(rule, ['when', 'reply', 'times'], place);
  const { when, times } = rule;
  if (times !== undefined && !isCount(times)) throw new SyntaxError(`${place}: times must be a positive whole number`);
  return {
    ...(when === undefined ? {} : { when: readMatch(objectAt(when, `${place}: when`), `${place}: when`) }),
    reply: readAnswer(rule['reply'], `${place}: reply`),
    ...(times === undefined ? {} : { times }),
  };
}

function readMatch(when: WireObject, place: string): Match {
  onlyMembers(when, ['text', 'system', 'model', 'tool', 'hasTools', 'hasToolResults', 'nth', 'headers'], place);
  const { nth, tool } = when;
  if (nth !== undefined && !isCount(nth)) throw new SyntaxError(`${place}.nth must be a positive whole number`);
  if (tool !== undefined && typeof tool !== 'string') throw new SyntaxError(`${place}.tool must be a string`);
  const patterns = (['text', 'system', 'model'] as const).flatMap((key) =>
    when[key] === undefined ? [] : [[key, readPattern(when[key], `${place}.${key}`)]],
  );
  const flags = (['hasTools', 'hasToolResults'] as const).flatMap((key) => {
    if (when[key] === undefined) return [];
    if (typeof when[key] !== 'boolean') throw new SyntaxError(`${place}.${key} must be true or false`);
    return [[key, when[key]]];
  });
  const headers = when['headers'] === undefined ? [] : Object.entries(objectAt(when['headers'], `${place}.headers`));
  return {
    ...Object.fromEntries([...patterns, ...flags]),
    ...(nth === undefined ? {} : { nth }),
    ...(tool === undefined ? {} : { tool }),
    headers: Object.fromEntries(
      headers.map(([name, pattern]) => [name.toLowerCase(), readPattern(pattern, `${place}.headers.${name}`)]),
    ),
  };
}

function readPattern(value: unknown, place: string): TextPattern {
  if (typeof value === 'string') return value;
  const { pattern, flags } = objectAt(value, place);
  if (typeof pattern !== 'string') throw new SyntaxError(`${place}.pattern must be a string`);
  return new RegExp(pattern, typeof flags === 'string' ? flags : '');
}

function readAnswer(value: unknown, place: string): Answer {
  if (typeof value === 'string') return value;
  const answer = objectAt(value, place);
  switch (answer['kind']) {
    case 'structured':
    case 'hang_up':
    case 'silent':
      break;
    case 'error':
      if (!isCount(answer['status'])) throw new SyntaxError(`${place}.status must be an HTTP status`);
      break;
    case 'message':
      readContent(answer['content'], `${place}.content`);
      readFault(answer['fault'], `${place}.fault`);
      break;
    default:
      throw new SyntaxError(`${place}.kind must be message, structured, error, hang_up or silent`);
  }
  for (const key of ['firstTokenDelayMs', 'tokenDelayMs']) {
    const delay = answer[key];
    if (delay !== undefined && (typeof delay !== 'number' || delay < 0)) {
      throw new SyntaxError(`${place}.${key} must be a number of milliseconds`);
    }
  }
  // What the simulator reads of it has been checked above.
  return answer as unknown as Answer;
}

function readContent(value: unknown, place: string): void {
  if (!Array.isArray(value)) throw new SyntaxError(`${place} must be a list of blocks`);
  for (const [at, block] of value.entries()) {
    const { type, text, pieces, name, data } = objectAt(block, `${place}[${at}]`);
    const hasText =
      typeof text === 'string' || (Array.isArray(pieces) && pieces.every((one) => typeof one === 'string'));
    const fits: Readonly<Record<AnswerBlock['type'], boolean>> = {
      text: hasText,
      thinking: hasText,
      redacted_thinking: typeof data === 'string',
      tool_use: typeof name === 'string',
    };
    if (!Object.entries(fits).some(([known, fit]) => known === type && fit)) {
      throw new SyntaxError(
        `${place}[${at}] must be a text or thinking block with text or pieces, a tool_use block with a name, ` +
          'or a redacted_thinking block with data',
      );
    }
  }
}

function readFault(value: unknown, place: string): void {
  if (value === undefined) return;
  const { kind, afterTokens } = objectAt(value, place);
  const known = ['cut', 'stall', 'malformed', 'error'].some((one) => one === kind);
  if (!known || typeof afterTokens !== 'number') {
    throw new SyntaxError(`${place} must have a kind (cut, stall, malformed, error) and afterTokens`);
  }
}

function objectAt(value: unknown, place: string): WireObject {
  if (!isObject(value)) throw new SyntaxError(`${place} must be an object`);
  return value;
}

function onlyMembers(value: WireObject, known: readonly string[], place: string): void {
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined) throw new SyntaxError(`${place}: unknown member ${unknown}`);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0;
}
