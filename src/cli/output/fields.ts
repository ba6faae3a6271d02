import type { CommandIo } from '../command.ts';
import { clean } from './clean.ts';
import { painter } from './paint.ts';
import type { Cell } from './table.ts';
import { cut, pad } from './width.ts';

/** A label and what it says; rows whose text is undefined are left out. */
export type Field = readonly [string, Cell | undefined];

/** Prints labels with their values beside them, each on one line, cut where the terminal ends. */
export function printFields(io: Pick<CommandIo, 'stdout' | 'terminal'>, fields: readonly Field[], indent = 0): void {
  const paint = painter(io);
  const shown = fields.filter((field): field is readonly [string, Cell] => field[1] !== undefined);
  const label = Math.max(0, ...shown.map(([name]) => name.length)) + 2;
  const room = Math.max(8, (io.terminal?.columns() ?? Number.POSITIVE_INFINITY) - indent - label);
  for (const [name, cell] of shown) {
    const text = cut(clean(typeof cell === 'string' ? cell : cell.text), room);
    const value = typeof cell === 'string' ? text : paint(cell.style, text);
    io.stdout(`${' '.repeat(indent)}${paint('dim', pad(name, label))}${value}`);
  }
}
