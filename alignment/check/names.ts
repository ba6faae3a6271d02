/** What a source file says to or reads from the CLI, as far as it can be seen in its text. */
export interface FoundNames {
  /** Arguments of a command line: `'--model'`. */
  readonly flags: ReadonlySet<string>;
  /** Environment variables: `'CLAUDE_CONFIG_DIR'`, or the key of an object. */
  readonly variables: ReadonlySet<string>;
  /** Types, subtypes and values of messages: words with underscores in quotes. */
  readonly words: ReadonlySet<string>;
  /** Members of messages: of values that are not typed (`line['tool_use_id']`), of schemas, and of the message types. */
  readonly members: ReadonlySet<string>;
}

/** Reads the names off a source text. Comments do not count. */
export function namesIn(source: string): FoundNames {
  const code = withoutComments(source);
  return {
    flags: all(code, /['"`](--?[a-zA-Z][\w-]*)(?:['"`=]|\$\{)/gu),
    variables: all(code, /(?<![\w'])'?([A-Za-z]+(?:_[A-Z0-9a-z]+)+)'?(?=[:'\]])/gu, isVariable),
    words: all(code, /'([a-z]+(?:_[a-z0-9]+)+)'/gu, (name) => !isVariable(name)),
    members: new Set([
      // `Plan['windows']` is a type.
      ...all(code, /(?<!\b[A-Z]\w*)\['([\w/$-]+)'\]/gu, (name) => !isVariable(name)),
      ...all(code, /\b(\w+): (?:z\.(?!infer|output|input|Zod)|eventWindow|usageWindow)/gu),
      ...[...all(code, /\bexport interface \w+ \{(.*?)^\}/gmsu)].flatMap((body) => [
        ...all(body, /readonly (\w+)\??:/gu),
      ]),
    ]),
  };
}

/** Every member that is written: the keys of a message that OCP has built, without what clients put into it. */
export function keysOf(value: unknown, opaque: ReadonlySet<string>): ReadonlySet<string> {
  const keys = new Set<string>();
  const walk = (part: unknown): void => {
    if (Array.isArray(part)) part.forEach(walk);
    else if (typeof part === 'object' && part !== null) {
      for (const [key, member] of Object.entries(part)) {
        keys.add(key);
        if (!opaque.has(key)) walk(member);
      }
    }
  };
  walk(value);
  return keys;
}

function isVariable(name: string): boolean {
  return /^(?:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|(?:https?|no|all)_proxy)$/u.test(name);
}

function all(text: string, pattern: RegExp, test: (name: string) => boolean = () => true): ReadonlySet<string> {
  return new Set([...text.matchAll(pattern)].map(([, name = '']) => name).filter(test));
}

function withoutComments(source: string): string {
  return source.replaceAll(/\/\*.*?\*\//gsu, '').replaceAll(/(?<!['":\w])\/\/.*$/gmu, '');
}
