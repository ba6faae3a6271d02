import type { Row } from '../rows/row.ts';

/** The tests of a file, as `suite: test`; a title made from a list stands there for each item of it. */
export function testTitles(source: string): readonly string[] {
  const titles: string[] = [];
  let suite = '';
  for (const [, kind, , title = ''] of source.matchAll(
    /^\s*(?:await )?(suite|describe|test|it)\((['`])((?:(?!\2).)*)\2/gmu,
  )) {
    if (kind === 'suite' || kind === 'describe') suite = `${title}: `;
    else titles.push(`${suite}${title}`);
  }
  return titles;
}

/**
 * What is wrong between rows and tests, one line each. `contract` are the titles of the contract tests, `others` those of
 * OCP's own by their files. A title with `${…}` in it stands for every row that fits.
 */
export function testProblems(
  rows: readonly Row[],
  contract: readonly string[],
  others: (file: string) => readonly string[] | undefined,
): readonly string[] {
  const patterns = contract.map((title) => ({ title, pattern: patternOf(title), isNamed: false }));
  const problems: string[] = [];
  for (const row of rows) {
    if (row.tests.length === 0) problems.push(`the ${row.kind} ${row.name} has no test`);
    for (const test of row.tests) {
      const [file, title] = splitAt(test, ': ');
      if (file.endsWith('.test.ts')) {
        if (others(file)?.includes(title) !== true) problems.push(`the ${row.kind} ${row.name} names no test: ${test}`);
        continue;
      }
      const found = patterns.filter(({ pattern }) => pattern.test(test));
      if (found.length === 0) problems.push(`the ${row.kind} ${row.name} names no test: ${test}`);
      for (const one of found) one.isNamed = true;
    }
  }
  return [
    ...problems,
    ...patterns.filter(({ isNamed }) => !isNamed).map(({ title }) => `no row names the contract test: ${title}`),
  ];
}

function patternOf(title: string): RegExp {
  const parts = title.split(/\$\{[^}]*\}/u).map((part) => part.replaceAll(/[$.*+?^()|[\]{}/\\]/gu, String.raw`\$&`));
  return new RegExp(`^${parts.join('.+')}$`, 'u');
}

function splitAt(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? ['', text] : [text.slice(0, at), text.slice(at + separator.length)];
}
