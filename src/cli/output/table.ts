import type { CommandIo } from '../command.ts';
import { clean } from './clean.ts';
import type { Paint, Style } from './paint.ts';
import { painter } from './paint.ts';
import { cut, displayWidth, pad } from './width.ts';

/** A column of a table. */
export interface Column {
  readonly title: string;
  readonly align?: 'right';
  /** May be cut down to so many characters where the terminal is narrow; without it the column stays whole. */
  readonly least?: number;
  /** May be left out where the terminal is narrow; the highest number goes first. */
  readonly drop?: number;
}

/** Text, or text with a style. Tables clean what they are given. */
export type Cell = string | { readonly text: string; readonly style: Style };

export interface TableOptions {
  /** Blanks before each line; 0 unless told. */
  readonly indent?: number;
  /** A line of dashes below the titles. */
  readonly rule?: true;
}

/** Columns between two columns. */
const GAP = 2;

/** Prints a table that fits the terminal: columns are cut or left out as they allow. In a pipe nothing is cut. */
export function printTable(
  io: Pick<CommandIo, 'stdout' | 'terminal'>,
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  options: TableOptions = {},
): void {
  const width = io.terminal?.columns() ?? Number.POSITIVE_INFINITY;
  for (const line of tableLines(columns, rows, { ...options, width, paint: painter(io) })) io.stdout(line);
}

/** The lines of a table, none of them wider than `width`. */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  { indent = 0, rule, width, paint }: TableOptions & { readonly width: number; readonly paint: Paint },
): string[] {
  const texts = rows.map((row) => row.map((cell) => clean(typeof cell === 'string' ? cell : cell.text)));
  const natural = columns.map((column, index) =>
    Math.max(displayWidth(column.title), ...texts.map((row) => displayWidth(row[index] ?? ''))),
  );
  const kept = fit(columns, natural, width - indent);
  const margin = ' '.repeat(indent);
  const line = (textOf: (index: number) => string, styleOf: (index: number) => Style | undefined): string => {
    const cells = kept.map(({ index, room }) => {
      const { align } = columns[index] ?? {};
      const short = cut(textOf(index), room);
      const text = pad(short, room, align);
      const style = styleOf(index);
      // Blanks have no style, so that they can be taken off the end.
      return style === undefined || short === '' ? text : text.replace(short, () => paint(style, short));
    });
    return `${margin}${cells.join(' '.repeat(GAP))}`.trimEnd();
  };
  const total = kept.reduce((sum, { room }) => sum + room, GAP * (kept.length - 1));
  return [
    line(
      (index) => columns[index]?.title ?? '',
      () => 'bold',
    ),
    ...(rule === true ? [`${margin}${'─'.repeat(Math.max(0, total))}`] : []),
    ...rows.map((row, number) =>
      line(
        (index) => texts[number]?.[index] ?? '',
        (index) => {
          const cell = row[index];
          return typeof cell === 'object' ? cell.style : undefined;
        },
      ),
    ),
  ];
}

interface KeptColumn {
  readonly index: number;
  readonly room: number;
}

/** The columns that are shown, and how wide each is. */
function fit(columns: readonly Column[], natural: readonly number[], width: number): KeptColumn[] {
  let shown = columns.map((_, index) => index);
  for (;;) {
    const widths = shrink(
      shown.map((index) => natural[index] ?? 0),
      shown.map((index) => columns[index]?.least ?? Number.POSITIVE_INFINITY),
      width - GAP * (shown.length - 1),
    );
    const least = Math.max(...shown.map((index) => columns[index]?.drop ?? 0));
    const isWide = widths.reduce((sum, each) => sum + each, 0) > width - GAP * (shown.length - 1);
    if (!isWide) return shown.map((index, position) => ({ index, room: widths[position] ?? 0 }));
    if (least === 0) {
      const forced = shrink(
        widths,
        widths.map(() => 1),
        width - GAP * (shown.length - 1),
      );
      return shown.map((index, position) => ({ index, room: forced[position] ?? 1 }));
    }
    shown = shown.filter((index) => columns[index]?.drop !== least);
  }
}

/** Takes from the widest column that may give, again and again, until they fit or none may. */
function shrink(natural: readonly number[], least: readonly number[], room: number): number[] {
  const widths = [...natural];
  for (let excess = widths.reduce((sum, each) => sum + each, 0) - room; excess > 0; excess -= 1) {
    const giving = widths
      .map((width, index) => ({ width, index }))
      .filter(({ width, index }) => width > (least[index] ?? width));
    const [widest] = giving.toSorted((a, b) => b.width - a.width);
    if (widest === undefined) break;
    widths[widest.index] = widest.width - 1;
  }
  return widths;
}
