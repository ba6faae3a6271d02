/**
 * Base64 as clients send it: in the standard or the URL alphabet, with line breaks, with padding or without. Read in one
 * pass over the characters, because a regular expression over a text of 32 MB may take far longer than its length says.
 */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const EQUALS = 0x3d;
const FOREIGN = 0;
const BLANK = 1;

/** For each ASCII character what it stands for: itself, its standard counterpart, `BLANK` or `FOREIGN`. */
const meaning = new Uint8Array(128);
for (const char of ALPHABET) meaning[char.charCodeAt(0)] = char.charCodeAt(0);
meaning['-'.charCodeAt(0)] = '+'.charCodeAt(0);
meaning['_'.charCodeAt(0)] = '/'.charCodeAt(0);
for (const char of ' \t\n\v\f\r') meaning[char.charCodeAt(0)] = BLANK;

/** The same bytes in standard base64 with its padding; undefined for a text that is no base64, or an empty one. */
export function standardBase64(text: string): string | undefined {
  const end = endOfData(text);
  const plain = plainLength(text, end);
  if (plain === end) return padded(text.slice(0, end));
  const rewritten = Buffer.allocUnsafe(end);
  let length = 0;
  for (let i = 0; i < end; i += 1) {
    const code = meaning[text.charCodeAt(i)] ?? FOREIGN;
    if (code === FOREIGN) return undefined;
    if (code === BLANK) continue;
    rewritten[length] = code;
    length += 1;
  }
  return padded(rewritten.toString('latin1', 0, length));
}

/** How many bytes a text in standard base64 stands for. */
export function decodedBytes(base64: string): number {
  const padding = base64.endsWith('==') ? 2 : Number(base64.endsWith('='));
  return (base64.length / 4) * 3 - padding;
}

/** Where the padding and the blanks at the end begin. */
function endOfData(text: string): number {
  let end = text.length;
  while (end > 0) {
    const unit = text.charCodeAt(end - 1);
    if (unit !== EQUALS && meaning[unit] !== BLANK) break;
    end -= 1;
  }
  return end;
}

/** How much of the text is in the standard alphabet from its beginning on. */
function plainLength(text: string, end: number): number {
  let at = 0;
  while (at < end) {
    const unit = text.charCodeAt(at);
    if (unit >= meaning.length || meaning[unit] !== unit) break;
    at += 1;
  }
  return at;
}

function padded(data: string): string | undefined {
  const over = data.length % 4;
  if (data === '' || over === 1) return undefined;
  return over === 0 ? data : data + '='.repeat(4 - over);
}
