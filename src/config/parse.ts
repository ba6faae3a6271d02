import { isIP } from 'node:net';
import { isAbsolute, join, resolve } from 'node:path';
import { ConfigError } from './error.ts';
import { integerOf, integerRange, isInRange } from './integer.ts';
import type { VariableDefinition } from './variables.ts';

/** A value as the table's kinds give it. */
export type ConfigValue = number | boolean | string | readonly string[];

const yes = new Set(['1', 'true', 'yes', 'on']);
const no = new Set(['0', 'false', 'no', 'off']);
const longestShown = 60;

/**
 * Reads one variable's text by its definition. `home` is what `~/` stands for.
 * Raises ConfigError with one line: variable, value, what is allowed.
 */
export function parseVariable(definition: VariableDefinition, text: string, home: string): ConfigValue {
  const refuse = (allowed: string): ConfigError =>
    new ConfigError(
      definition.name,
      definition.kind === 'secret'
        ? `${definition.name} must be ${allowed}`
        : `${definition.name} is ${shown(text)}, but must be ${allowed}`,
    );

  switch (definition.kind) {
    case 'integer': {
      const value = integerOf(definition, text.trim());
      if (value !== undefined && isInRange(definition, value)) return value;
      throw refuse(integerRange(definition));
    }
    case 'boolean': {
      const lower = text.toLowerCase();
      if (yes.has(lower)) return true;
      if (no.has(lower)) return false;
      throw refuse('true or false');
    }
    case 'choice':
      if (definition.choices.includes(text)) return text;
      throw refuse(oneOf(definition.choices));
    case 'text':
      if (!hasControlCharacter(text)) return text;
      throw refuse('text without control characters');
    case 'secret':
      if (/^[\x21-\x7e]{1,512}$/.test(text)) return text;
      throw refuse('1 to 512 printable ASCII characters without spaces');
    case 'path': {
      const path = text === '~' || text.startsWith('~/') ? join(home, text.slice(1)) : text;
      if (isAbsolute(path) && !hasControlCharacter(path)) return resolve(path);
      throw refuse('an absolute path, or one that starts with ~/');
    }
    case 'address': {
      const address = text.toLowerCase() === 'localhost' ? '127.0.0.1' : text.replace(/^\[(.*)\]$/, '$1');
      if (isIP(address) !== 0) return address;
      throw refuse('an IP address or localhost');
    }
    case 'list': {
      const items = text.split(',').map((item) => item.trim());
      const listed = items.filter((item) => item !== '');
      if (listed.every((item) => definition.item.test(item))) return [...new Set(listed)];
      throw refuse(`a comma-separated list of ${definition.itemText}`);
    }
  }
}

/** A value as an error may show it: on one line, short, and hidden where it looks like a key put into the wrong variable. */
function shown(text: string): string {
  if (/(?:^|[^A-Za-z0-9])(?:sk-|ocp_)/.test(text)) return 'a value that looks like a key (not shown)';
  const cut = text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
  return JSON.stringify(cut);
}

function oneOf(choices: readonly string[]): string {
  const last = choices.at(-1) ?? '';
  return choices.length < 2 ? `${last} or unset` : `${choices.slice(0, -1).join(', ')} or ${last}`;
}

function hasControlCharacter(text: string): boolean {
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if ((code < 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0d) || code === 0x7f) return true;
  }
  return false;
}
