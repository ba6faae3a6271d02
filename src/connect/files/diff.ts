/** One line of a comparison. */
interface Line {
  readonly kind: ' ' | '-' | '+';
  readonly text: string;
}

const context = 3;

/** A unified diff of two texts with a header; empty where they are equal. */
export function unifiedDiff(path: string, before: string, after: string, isNew: boolean): readonly string[] {
  if (before === after) return [];
  const lines = compare(linesOf(before), linesOf(after));
  return [`--- ${isNew ? '/dev/null' : path}`, `+++ ${path}`, ...hunks(lines)];
}

function linesOf(text: string): readonly string[] {
  if (text === '') return [];
  const lines = text.split('\n').map((line) => line.replace(/\r$/u, ''));
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Compares line by line, over the longest common subsequence of what differs. */
function compare(before: readonly string[], after: readonly string[]): readonly Line[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  while (
    end < before.length - start &&
    end < after.length - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  ) {
    end += 1;
  }
  const same = (lines: readonly string[]): Line[] => lines.map((text) => ({ kind: ' ', text }));
  return [
    ...same(before.slice(0, start)),
    ...middle(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...same(before.slice(before.length - end)),
  ];
}

function middle(before: readonly string[], after: readonly string[]): Line[] {
  // Row by row from the end: how many lines are common from here on.
  const width = after.length + 1;
  const common = new Uint32Array((before.length + 1) * width);
  const at = (row: number, column: number): number => common[row * width + column] ?? 0;
  for (let row = before.length - 1; row >= 0; row -= 1) {
    for (let column = after.length - 1; column >= 0; column -= 1) {
      common[row * width + column] =
        before[row] === after[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const lines: Line[] = [];
  let row = 0;
  let column = 0;
  while (row < before.length || column < after.length) {
    const [old, fresh] = [before[row], after[column]];
    if (old !== undefined && old === fresh) {
      lines.push({ kind: ' ', text: old });
      row += 1;
      column += 1;
    } else if (old !== undefined && (fresh === undefined || at(row + 1, column) >= at(row, column + 1))) {
      lines.push({ kind: '-', text: old });
      row += 1;
    } else {
      lines.push({ kind: '+', text: fresh ?? '' });
      column += 1;
    }
  }
  return lines;
}

function hunks(lines: readonly Line[]): string[] {
  const shown = lines.map((_, index) =>
    lines.slice(Math.max(0, index - context), index + context + 1).some((line) => line.kind !== ' '),
  );
  const output: string[] = [];
  let [oldLine, newLine] = [1, 1];
  for (let index = 0; index < lines.length;) {
    let end = index;
    while (end < lines.length && shown[end] === shown[index]) end += 1;
    const part = lines.slice(index, end);
    const [removed, added] = [
      part.filter(({ kind }) => kind !== '+').length,
      part.filter(({ kind }) => kind !== '-').length,
    ];
    if (shown[index] === true) {
      const first = (line: number, count: number): string => `${count === 0 ? line - 1 : line},${count}`;
      output.push(`@@ -${first(oldLine, removed)} +${first(newLine, added)} @@`);
      output.push(...part.map(({ kind, text }) => kind + text));
    }
    oldLine += removed;
    newLine += added;
    index = end;
  }
  return output;
}
