/** What one benchmark found. */
export interface Section {
  readonly title: string;
  /** What was measured, and how, in words. */
  readonly method: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly targets: readonly Target[];
}

export interface Target {
  readonly text: string;
  readonly found: string;
  readonly met: boolean;
}

/** What every benchmark is given. */
export interface BenchOptions {
  /** Fewer and shorter measurements: for seeing whether it works, not for numbers. */
  readonly quick: boolean;
  /** Tells somebody who waits what is going on. */
  readonly progress: (line: string) => void;
}

export function sectionText(section: Section): string {
  const widths = section.columns.map((column, index) =>
    Math.max(column.length, ...section.rows.map((row) => (row[index] ?? '').length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => (index === 0 ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0)))
      .join('   ');
  return [
    section.title,
    ...[section.columns, ...section.rows].map((cells) => `  ${line(cells)}`),
    ...section.targets.map(({ text, found, met }) => `  ${met ? 'met    ' : 'MISSED '} ${text}: ${found}`),
    '',
  ].join('\n');
}

export function sectionMarkdown(section: Section): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    `## ${section.title}`,
    '',
    section.method,
    '',
    row(section.columns),
    row(section.columns.map((_, index) => (index === 0 ? '---' : '---:'))),
    ...section.rows.map(row),
    '',
    ...section.targets.map(({ text, found, met }) => `- ${met ? 'Met' : '**Missed**'}: ${text}. Found: ${found}.`),
    '',
  ].join('\n');
}
