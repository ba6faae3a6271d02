/** Most characters of a reply: what every channel takes in one message, with room for the fence. */
const LIMIT = 1900;

/** A reply in a block of fixed width, without what could end it or work a terminal. */
export function fenced(text) {
  const clean = text.replaceAll(/(?![\n\t])[\p{Cc}\p{Cf}]/gu, '').replaceAll('```', "'''");
  const characters = Array.from(clean.trimEnd());
  const shown = characters.length <= LIMIT ? characters.join('') : `${characters.slice(0, LIMIT).join('')}\n… (cut)`;
  return { text: `\`\`\`\n${shown}\n\`\`\`` };
}

/** Rows as columns of equal width; the last one is not padded. */
export function table(rows) {
  const widths = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, String(cell).length);
  }
  return rows
    .map((row) =>
      row
        .map((cell, index) => (index === row.length - 1 ? String(cell) : String(cell).padEnd(widths[index])))
        .join('  '),
    )
    .join('\n');
}

/** A value on one line, not too long. */
export function short(value, most = 80) {
  const text = (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).replaceAll(/\s+/g, ' ');
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
