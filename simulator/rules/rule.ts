import type { Answer } from '../answers/answer.ts';
import type { SimulatedRequest } from '../request.ts';

/** A substring or a regular expression. */
export type TextPattern = string | RegExp;

/** What a request must be like; every member that is given must hold. */
export interface Match {
  /** Of the newest user text. */
  readonly text?: TextPattern;
  readonly system?: TextPattern;
  readonly model?: TextPattern;
  /** The name of a tool that must be on offer. */
  readonly tool?: string;
  readonly hasTools?: boolean;
  /** The newest user message holds tool results (or must not). */
  readonly hasToolResults?: boolean;
  /** 1 = the first Messages call since the start, or since the script was set. */
  readonly nth?: number;
  /** Header names in lower case. */
  readonly headers?: Readonly<Record<string, TextPattern>>;
}

/** One line of a script: the first rule that matches answers. */
export interface Rule {
  readonly when?: Match | ((request: SimulatedRequest) => boolean);
  readonly reply: Answer | ((request: SimulatedRequest) => Answer);
  /** How often it may answer; absent = without a limit. */
  readonly times?: number;
}

export type Script = readonly Rule[];

/** Finds the answer to each request: the script's rules in order, then the fallback. */
export class Rulebook {
  #rules: { readonly rule: Rule; used: number }[] = [];
  readonly #fallback: (request: SimulatedRequest) => Answer;

  constructor(script: Script, fallback: (request: SimulatedRequest) => Answer) {
    this.#fallback = fallback;
    this.set(script);
  }

  set(script: Script): void {
    this.#rules = script.map((rule) => ({ rule, used: 0 }));
  }

  push(rule: Rule): void {
    this.#rules.push({ rule, used: 0 });
  }

  answer(request: SimulatedRequest): Answer {
    const found = this.#rules.find(
      ({ rule, used }) => used < (rule.times ?? Number.POSITIVE_INFINITY) && matches(rule.when, request),
    );
    if (found === undefined) return this.#fallback(request);
    found.used += 1;
    return typeof found.rule.reply === 'function' ? found.rule.reply(request) : found.rule.reply;
  }
}

function matches(when: Rule['when'], request: SimulatedRequest): boolean {
  if (when === undefined) return true;
  if (typeof when === 'function') return when(request);
  return (
    fits(when.text, request.lastUserText) &&
    fits(when.system, request.systemText) &&
    fits(when.model, request.model) &&
    (when.tool === undefined || request.tools.some((tool) => tool.name === when.tool)) &&
    (when.hasTools === undefined || when.hasTools === request.tools.length > 0) &&
    (when.hasToolResults === undefined || when.hasToolResults === request.toolResults.length > 0) &&
    (when.nth === undefined || when.nth === request.nth) &&
    Object.entries(when.headers ?? {}).every(([name, pattern]) => fits(pattern, String(request.headers[name] ?? '')))
  );
}

function fits(pattern: TextPattern | undefined, text: string): boolean {
  if (pattern === undefined) return true;
  return typeof pattern === 'string' ? text.includes(pattern) : text.search(pattern) >= 0;
}
