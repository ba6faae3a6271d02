/** Text as a cell of a Markdown table: a vertical bar would end the cell. */
export function cell(text: string): string {
  return text.replaceAll('|', String.raw`\|`);
}
