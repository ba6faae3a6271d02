import { ConfigError } from './error.ts';
import { integerOf, integerText } from './integer.ts';
import { parseVariable } from './parse.ts';
import type { VariableDefinition } from './variables.ts';
import { variables } from './variables.ts';

/** A value from elsewhere, such as an earlier product's service, as OCP can use it. */
export interface UsableValue {
  /** Undefined where there is nothing of it to use: the default stands. */
  readonly value: string | undefined;
  /** What was done about a value that OCP cannot use as it is; one line, without secrets. */
  readonly note: string | undefined;
}

/** The value where it can be used, else the nearest one that can, else none. `home` is what `~/` stands for. */
export function usableValue(name: string, value: string, home: string): UsableValue {
  const row = (variables as readonly VariableDefinition[]).find((candidate) => candidate.name === name);
  if (row === undefined) return { value, note: undefined };
  try {
    parseVariable(row, value, home);
    return { value, note: undefined };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const number = row.kind === 'integer' ? (integerOf(row, value) ?? looseNumber(value)) : undefined;
    if (row.kind !== 'integer' || number === undefined) {
      return { value: undefined, note: `${error.message}; the default is used instead` };
    }
    const nearest = Math.min(row.max, Math.max(row.min, Math.round(number)));
    const shown = integerText(row, nearest);
    return {
      value: String(nearest),
      note: `${error.message}; ${name}=${nearest}${shown === String(nearest) ? '' : ` (${shown})`} is used instead`,
    };
  }
}

/** Numbers that an earlier product took: fractions, and `-1` for none. */
function looseNumber(text: string): number | undefined {
  const number = /^[+-]?\d{1,15}(?:\.\d{1,6})?$/u.test(text.trim()) ? Number(text) : undefined;
  return number === undefined || Number.isNaN(number) ? undefined : number;
}
