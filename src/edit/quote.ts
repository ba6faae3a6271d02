/** Text as one word of a POSIX shell. */
export function shQuote(text: string): string {
  return /^[\w@%+=:,./-]+$/u.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** Text as one word of fish. */
export function fishQuote(text: string): string {
  return `'${text.replaceAll(/[\\']/gu, String.raw`\$&`)}'`;
}

/** Text as a value of environment.d(5), which takes quotes and backslashes as a shell does, and expands variables after that. */
export function environmentQuote(text: string): string {
  return /^[\w@%+=:,./-]+$/u.test(text)
    ? text
    : `"${text.replaceAll(/["\\`]/gu, String.raw`\$&`).replaceAll('$', '$$$$')}"`;
}
