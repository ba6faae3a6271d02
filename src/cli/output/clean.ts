import { stripVTControlCharacters } from 'node:util';

/** Line breaks and tabs. */
const breaks = /[\t\n\v\f\r\u0085\u2028\u2029]+/gu;
/** What steers a terminal, turns text around or cannot be seen: controls, format characters, broken surrogates. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}]/gu;

/**
 * Text that came from a server or a file, as a terminal may show it: on one line, without anything that could steer the
 * terminal, turn the text around or hide a part of it.
 */
export function clean(text: string): string {
  return stripVTControlCharacters(text).replace(breaks, ' ').replace(unseen, '');
}

/** Text of several lines, each of them clean. */
export function cleanLines(text: string): string[] {
  return text.split(/\r\n|\n|\r/u).map(clean);
}

/** JSON as it may be printed: characters that `clean` takes out are escaped, so that the value stays whole. */
export function cleanJson(value: unknown, indent = 2): string {
  return JSON.stringify(value, undefined, indent).replace(/[^\n\P{Cc}]|\p{Cf}/gu, (character) =>
    [...Array(character.length).keys()]
      .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
