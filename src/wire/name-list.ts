/**
 * Names that a client chose, as they may stand in a message or a header: few of them, each of a bounded length, in
 * printable ASCII. A request may hold a hundred thousand names, and the one place has to hold them all.
 */

/** Names that are written out; how many others there are is said. */
const MOST_NAMES = 20;
/** Characters of one name. */
const LONGEST_NAME = 64;

/** A client's own word as it may stand in a header. */
export function label(word: string): string {
  return word.slice(0, LONGEST_NAME).replaceAll(/[^A-Za-z0-9_.-]/g, '_');
}

/** The first names, and how many more there are: `a, b, and 7 more`. */
export function listed(names: Iterable<string>, most = MOST_NAMES): string {
  const shown: string[] = [];
  let others = 0;
  for (const name of names) {
    if (shown.length < most) shown.push(name.slice(0, 2 * LONGEST_NAME));
    else others += 1;
  }
  return others === 0 ? shown.join(', ') : [...shown, `and ${others} more`].join(', ');
}
