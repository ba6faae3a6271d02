import { label } from '../../wire/name-list.ts';

/** Numbers beyond this are not looked for in one text. */
const MOST_NUMBERS = 1000;
/** How many members of a place are written out. */
const LONGEST_PLACE = 16;
/** A text without these holds no number that could change: a double keeps 15 digits. */
const suspect = /[\d.]{16}|\d[eE]|-0/;
const number = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

type Place = (string | number)[];

/**
 * The numbers of a JSON text that the CLI cannot carry, by their place: a program in JavaScript reads each as a double,
 * and loses digits beyond the 17th or so, the sign of `-0`, and what is beyond 1.8e308. Texts in `arguments` are JSON too.
 * Takes time linear in the text, and hardly any for one that holds no such number. The text must be valid JSON.
 */
export function alteredNumbers(text: string, at: readonly (string | number)[] = []): readonly string[] {
  const found: string[] = [];
  if (suspect.test(text)) walk(text, [...at], { depth: 0, note: (place) => found.push(place) < MOST_NUMBERS });
  return found;
}

interface Search {
  /** 1 within a text that is JSON itself. */
  readonly depth: 0 | 1;
  /** Returns whether to go on. */
  readonly note: (place: string) => boolean;
}

function walk(text: string, place: Place, search: Search): boolean {
  let end = 0;
  for (let at = 0; at < text.length; at += 1) {
    switch (text[at]) {
      case '"':
        end = endOfString(text, at);
        if (text[nextWritten(text, end)] === ':') place[place.length - 1] = text.slice(at + 1, end - 1);
        else if (search.depth === 0 && areArguments(place) && !inArguments(text.slice(at, end), place, search.note)) {
          return false;
        }
        at = end - 1;
        break;
      case '{':
        place.push('');
        break;
      case '[':
        place.push(0);
        break;
      case '}':
      case ']':
        place.pop();
        break;
      case ',': {
        const index = place.at(-1);
        if (typeof index === 'number') place[place.length - 1] = index + 1;
        break;
      }
      case '-':
      case '0':
      case '1':
      case '2':
      case '3':
      case '4':
      case '5':
      case '6':
      case '7':
      case '8':
      case '9': {
        number.lastIndex = at;
        const [token = ''] = number.exec(text) ?? [];
        if (isAltered(token) && !search.note(`${written(place)} (number changed)`)) return false;
        at += Math.max(token.length, 1) - 1;
        break;
      }
      default:
    }
  }
  return true;
}

/** Of a call, as OpenAI's clients write it. */
function areArguments(place: Place): boolean {
  const owner = place.at(-2);
  return (
    place.at(-1) === 'arguments' && (typeof owner === 'number' || owner === 'function' || owner === 'function_call')
  );
}

/** A client's text need not be JSON. */
function inArguments(token: string, place: Place, note: (place: string) => boolean): boolean {
  if (!suspect.test(token)) return true;
  try {
    const inner = JSON.parse(token) as string;
    JSON.parse(inner);
    return walk(inner, [...place], { depth: 1, note });
  } catch {
    return true;
  }
}

/** Whether a number is another one after the CLI has read and written it. */
function isAltered(token: string): boolean {
  if (token.length < 16 && !/[eE]/.test(token) && !token.startsWith('-0')) return false;
  return canonical(token) !== canonical(JSON.stringify(Number(token)));
}

/** The same text for the same number, however it is written. */
function canonical(token: string): string {
  const parts = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(token);
  if (parts === null) return token;
  const [, sign = '', whole = '', fraction = '', power = '0'] = parts;
  const digits = whole + fraction;
  let [start, end] = [0, digits.length];
  while (start < end && digits[start] === '0') start += 1;
  while (end > start && digits[end - 1] === '0') end -= 1;
  if (start === end) return `${sign}0`;
  return `${sign}${digits.slice(start, end)}e${Number(power) - fraction.length + digits.length - end}`;
}

function written(place: Place): string {
  const shown = place
    .slice(0, LONGEST_PLACE)
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${label(part)}`));
  return shown.join('').replace(/^\./, '');
}

/** Behind the closing quote of the string that begins at `from`. */
function endOfString(text: string, from: number): number {
  for (let quote = text.indexOf('"', from + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let start = quote;
    while (text[start - 1] === '\\') start -= 1;
    if ((quote - start) % 2 === 0) return quote + 1;
  }
  return text.length;
}

function nextWritten(text: string, from: number): number {
  let at = from;
  while (at < text.length && ' \t\r\n'.includes(text[at] ?? '')) at += 1;
  return at;
}
