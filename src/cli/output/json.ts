import type { CommandIo } from '../command.ts';
import { cleanJson } from './clean.ts';

/** What `--json` of a command prints: the value, indented; with `line` on one line. */
export function printJson(io: Pick<CommandIo, 'stdout'>, value: unknown, form: 'indented' | 'line' = 'indented'): void {
  io.stdout(cleanJson(value, form === 'line' ? 0 : 2));
}

/** The option of every command that prints data. */
export const jsonOption = { json: { type: 'boolean', description: 'print JSON' } } as const;
