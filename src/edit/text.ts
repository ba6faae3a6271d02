const byteOrderMark = '\uFEFF';

/** How a text is laid out, so that what is added to it looks the same. */
export interface Layout {
  readonly eol: string;
  /** One level of indentation. */
  readonly indent: string;
}

/** Edits a text without its byte order mark, which stays where it was. */
export function keepingMark(text: string, edit: (bare: string) => string): string {
  return text.startsWith(byteOrderMark) ? byteOrderMark + edit(text.slice(1)) : edit(text);
}

/** The text without a byte order mark. */
export function withoutMark(text: string): string {
  return text.startsWith(byteOrderMark) ? text.slice(1) : text;
}

/** The line ending of the first line, and the first indentation that occurs. */
export function layoutOf(text: string): Layout {
  const eol = /\r?\n/u.exec(text)?.[0] ?? '\n';
  const indent = /^(?:\t| +)(?=[^\s*#/])/mu.exec(text)?.[0] ?? '  ';
  return { eol, indent: indent.startsWith('\t') ? '\t' : indent };
}

/** Replaces a part of the text. */
export function splice(text: string, start: number, end: number, replacement: string): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

/** Where the line of this offset begins. */
export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** Where the line after the one of this offset begins; the end of the text where there is none. */
export function nextLine(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end === -1 ? text.length : end + 1;
}

/** The blanks at the beginning of the line of this offset. */
export function indentAt(text: string, offset: number): string {
  return /^[ \t]*/u.exec(text.slice(lineStart(text, offset)))?.[0] ?? '';
}

/** Puts an indentation before every line but the first. */
export function indentRest(block: string, indent: string, eol: string): string {
  return block.split('\n').join(eol + indent);
}
