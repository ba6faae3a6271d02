const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
const plain = /^[\x20-\x7e]*$/u;
const wide =
  /^(?:\p{Emoji_Presentation}|\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|[\u3000-\u303f\uff01-\uff60\uffe0-\uffe6])/u;

/** The width of a terminal. Some say 0, such as those that programs make for others: then the usual. */
export function knownColumns(columns: number): number {
  return columns > 0 ? columns : 80;
}

/** How many columns of a terminal a clean text takes. */
export function displayWidth(text: string): number {
  if (plain.test(text)) return text.length;
  return graphemes(text).reduce((sum, { width }) => sum + width, 0);
}

/** The text in at most so many columns; what was longer ends with `…`. */
export function cut(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  let room = columns - 1;
  let kept = '';
  for (const { segment, width } of graphemes(text)) {
    if (width > room) break;
    room -= width;
    kept += segment;
  }
  return columns < 1 ? '' : `${kept}…`;
}

/** The text with blanks up to so many columns. */
export function pad(text: string, columns: number, align: 'left' | 'right' = 'left'): string {
  const blanks = ' '.repeat(Math.max(0, columns - displayWidth(text)));
  return align === 'left' ? `${text}${blanks}` : `${blanks}${text}`;
}

function graphemes(text: string): readonly { readonly segment: string; readonly width: number }[] {
  return [...segmenter.segment(text)].map(({ segment }) => ({ segment, width: wide.test(segment) ? 2 : 1 }));
}
