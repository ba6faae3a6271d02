/** More mistakes than these, and another word was meant. */
const MOST_MISTAKES = 2;

/** The word that was probably meant; undefined where none comes near. */
export function closest(word: string, words: readonly string[]): string | undefined {
  const near = words
    .map((candidate) => ({ candidate, mistakes: distance(word, candidate) }))
    .filter(({ mistakes, candidate }) => mistakes <= MOST_MISTAKES && mistakes < candidate.length - 1)
    .toSorted((a, b) => a.mistakes - b.mistakes);
  return near[0]?.candidate;
}

/** How many letters were left out, put in, replaced, or exchanged with the next (Damerau's distance). */
function distance(from: string, to: string): number {
  let before: number[] = [];
  let last = [...Array(to.length + 1).keys()];
  for (let row = 1; row <= from.length; row += 1) {
    const next = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const isSame = from[row - 1] === to[column - 1];
      const isExchanged = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      next[column] = Math.min(
        (last[column] ?? 0) + 1,
        (next[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (isSame ? 0 : 1),
        isExchanged ? (before[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [before, last] = [last, next];
  }
  return last[to.length] ?? from.length;
}
