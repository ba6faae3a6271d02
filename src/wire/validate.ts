import type { z } from 'zod';
import { caps } from './caps.ts';
import { OcpError } from './errors.ts';
import type { JsonValue } from './json.ts';
import { wellFormed } from './well-formed.ts';

/** Where a value stands in the request: `['messages', 2, 'content']`. */
export type FieldPath = readonly PropertyKey[];

type Issue = z.core.$ZodIssue;

/** Reading stops at the first fault: a list of 100 000 wrong items has one. */
const firstFault: z.core.ParseContext<Issue> & { readonly abortEarly: true } = { abortEarly: true };

/** Characters of a key of the client's own in a field's path. */
const longestKey = 64;

/**
 * The request body as the schema describes it, with every broken surrogate pair repaired.
 * Raises OcpError `invalid_request` whose message and `param` name the first field at fault.
 */
export function parseWith<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  if (isDeeperThan(body, caps.levels)) {
    throw new OcpError('invalid_request', `The request is nested deeper than ${caps.levels} levels.`);
  }
  return parseAt(schema, wellFormed(body as JsonValue), []);
}

/** `parseWith` for a part of a body that has been through it: `at` is the part's own place in the request. */
export function parseAt<S extends z.ZodType>(schema: S, value: unknown, at: FieldPath): z.output<S> {
  const result = schema.safeParse(value, firstFault);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const { path, problem } = issue === undefined ? { path: [], problem: 'is not valid' } : explain(issue, value);
  const field = fieldName([...at, ...path]);
  if (field === '') throw new OcpError('invalid_request', `The request body ${problem}.`);
  throw new OcpError('invalid_request', `'${field}' ${problem}.`, { param: field });
}

/** A path as OpenAI writes it in `param`: `messages[2].content[0].image_url.url`. */
export function fieldName(path: FieldPath): string {
  return path.reduce<string>((name, key) => {
    if (typeof key === 'number') return `${name}[${key}]`;
    const shown = String(key).slice(0, longestKey);
    return name === '' ? shown : `${name}.${shown}`;
  }, '');
}

/** Tells whether objects and arrays stand in one another more than `levels` deep; it never looks further than that. */
export function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) {
    for (const item of value) if (isDeeperThan(item, levels - 1)) return true;
    return false;
  }
  for (const key in value) if (isDeeperThan((value as Record<string, unknown>)[key], levels - 1)) return true;
  return false;
}

interface Explanation {
  readonly path: FieldPath;
  readonly problem: string;
  /** The type that was asked for, where that was the whole problem. */
  readonly expected?: string;
}

function explain(issue: Issue, root: unknown): Explanation {
  const { path } = issue;
  const value = valueAt(root, path);
  switch (issue.code) {
    case 'invalid_type': {
      const expected = typeNames[issue.expected] ?? issue.expected;
      return { path, expected, problem: wrongType(expected, value) };
    }
    case 'invalid_value':
      return { path, problem: wrongChoice(issue.values, value) };
    case 'too_small':
      return { path, problem: tooSmall(issue.origin, Number(issue.minimum)) };
    case 'too_big':
      return { path, problem: tooBig(issue.origin, Number(issue.maximum)) };
    case 'unrecognized_keys': {
      const [key = ''] = issue.keys;
      return { path: [...path, key], problem: 'is not a field that is known here' };
    }
    case 'invalid_union':
      if (issue.errors.length === 0) return { path, problem: wrongChoice(optionsOf(issue), value) };
      return explainUnion(issue, value);
    default:
      return { path, problem: `is not valid: ${issue.message.slice(0, 200)}` };
  }
}

/**
 * The branch that fits furthest tells the client most, and of those the one that takes the type; when none does, what they
 * would have taken tells it.
 */
function explainUnion(issue: z.core.$ZodIssueInvalidUnion, value: unknown): Explanation {
  const branches = issue.errors.flatMap(([first]) => (first === undefined ? [] : [explain(first, value)]));
  const furthest = branches.toSorted(
    (a, b) => b.path.length - a.path.length || Number(a.expected !== undefined) - Number(b.expected !== undefined),
  )[0];
  const expected = branches.flatMap((branch) => branch.expected ?? []);
  if (furthest === undefined || (furthest.path.length === 0 && expected.length === branches.length)) {
    return { path: issue.path, problem: wrongType([...new Set(expected)].join(' or '), value) };
  }
  return { path: [...issue.path, ...furthest.path], problem: furthest.problem };
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'a boolean',
  array: 'an array',
  object: 'an object',
  record: 'an object',
};

function wrongType(expected: string, value: unknown): string {
  if (value === undefined) return `is required and must be ${expected}`;
  return `must be ${expected}, not ${nameOfType(value)}`;
}

function wrongChoice(choices: readonly unknown[], value: unknown): string {
  const list = choices.map((choice) => `'${String(choice)}'`).join(', ');
  const rule = choices.length === 1 ? `must be ${list}` : `must be one of ${list}`;
  if (value === undefined) return `is required and ${rule}`;
  return typeof value === 'string' ? `${rule}, not '${value.slice(0, 64)}'` : `${rule}, not ${nameOfType(value)}`;
}

function tooSmall(origin: string, minimum: number): string {
  if (origin === 'number' || origin === 'int') return `must be at least ${minimum}`;
  return minimum === 1 ? 'must not be empty' : `must have at least ${minimum} ${unitOf(origin)}`;
}

function tooBig(origin: string, maximum: number): string {
  if (origin === 'number' || origin === 'int') return `must be at most ${maximum}`;
  return `must have at most ${maximum} ${unitOf(origin)}`;
}

function unitOf(origin: string): string {
  if (origin === 'object') return 'keys';
  return origin === 'string' ? 'characters' : 'items';
}

function nameOfType(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'a number' : 'a fraction';
  return typeNames[typeof value] ?? typeof value;
}

function optionsOf(issue: z.core.$ZodIssueInvalidUnion): readonly unknown[] {
  return 'options' in issue && Array.isArray(issue.options) ? issue.options : [];
}

function valueAt(root: unknown, path: FieldPath): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    root,
  );
}
