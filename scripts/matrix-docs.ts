import type { VersionResult } from '../alignment/matrix/results.ts';
import { MINIMUM_CLAUDE_VERSION, compareVersions } from '../src/claude/version.ts';
import type { Capability } from '../src/claude/capabilities.ts';
import { cell } from './markdown.ts';

/** docs/alignment-matrix.md: the contract tests over versions of the CLI. */
export function matrixPage(results: readonly VersionResult[], capabilities: readonly Capability[]): string {
  const tests = [...new Set(results.flatMap((result) => Object.keys(result.tests)))].toSorted((a, b) =>
    a < b ? -1 : 1,
  );
  const differing = tests.filter((test) => results.some((result) => result.tests[test] !== null));
  return [
    '# The CLI, version by version',
    '',
    '<!-- Written by `npm run docs` from alignment/results.json; changes made here are lost. -->',
    '',
    'The contract tests of [ALIGNMENT.md](../ALIGNMENT.md), run against the Claude CLI alone, in versions as npm has them, by',
    '`npm run alignment -- VERSION…`.',
    '',
    `OCP needs **${MINIMUM_CLAUDE_VERSION}** or newer, and does not start turns on an older one. What a supported version lacks is told at`,
    'the start and by `ocp doctor`:',
    '',
    '| Since | Without it |',
    '|---|---|',
    ...capabilities.map(({ since, without }) => `| ${since} | ${cell(without)} |`),
    '',
    '| Version | Published | Supported | Passed | Failed |',
    '|---|---|---|---|---|',
    ...results.map((result) => {
      const failed = Object.values(result.tests).filter((reason) => reason !== null).length;
      const passed = Object.keys(result.tests).length - failed;
      const isSupported = compareVersions(result.version, MINIMUM_CLAUDE_VERSION) >= 0;
      return `| ${result.version} | ${result.published} | ${isSupported ? 'yes' : 'no'} | ${passed} | ${failed} |`;
    }),
    '',
    '## Where versions differ',
    '',
    `All ${tests.length - differing.length} other tests pass in every version. ✓ passed, ✗ failed, – not run.`,
    '',
    `| Test | ${results.map(({ version }) => version.replace(/^2\.1\./u, '.')).join(' | ')} |`,
    `|---|${results.map(() => '---|').join('')}`,
    ...differing.map((test) => `| ${cell(test)} | ${results.map((result) => mark(result.tests[test])).join(' | ')} |`),
    '',
    '## Why',
    '',
    ...results.flatMap(({ version, tests: outcomes, missingFlags }) => {
      const failures = Object.entries(outcomes).filter(([, reason]) => reason !== null);
      if (failures.length === 0) return [];
      return [
        `### ${version}`,
        '',
        ...(missingFlags.length === 0
          ? []
          : [`- does not know ${missingFlags.map((flag) => `\`${flag}\``).join(', ')}`]),
        ...failures.map(([test, reason]) => `- ${test}: \`${(reason ?? '').replaceAll('`', "'")}\``),
        '',
      ];
    }),
  ].join('\n');
}

function mark(outcome: string | null | undefined): string {
  if (outcome === undefined) return '–';
  return outcome === null ? '✓' : '✗';
}
