import { compareVersions } from './version.ts';

/** Something that OCP does not need of the CLI, but does better, or only, where the CLI has it. */
export interface Capability {
  /** The oldest version that was seen to have it (docs/alignment-matrix.md). */
  readonly since: string;
  /** What is different without it, for the operator: a sentence without its end. */
  readonly without: string;
}

/** What supported versions of the CLI can lack. A test holds the versions against the results of the contract tests. */
export const capabilities = {
  countTokens: {
    since: '2.1.270',
    without:
      'tokens of a request cannot be counted: requests to count_tokens and input_tokens fail, and no worker is used for a second conversation',
  },
  toolManifests: {
    since: '2.1.291',
    without: 'the CLI asks for a client’s tools once more for each conversation, which takes a moment',
  },
} as const satisfies Readonly<Record<string, Capability>>;

/** The capabilities that a version lacks. */
export function missingCapabilities(version: string): readonly Capability[] {
  return Object.values(capabilities).filter(({ since }) => compareVersions(version, since) < 0);
}

/** What the operator is told about them, one line each; none when nothing is missing. */
export function capabilityWarnings(version: string): readonly string[] {
  return missingCapabilities(version).map(
    ({ since, without }) => `the Claude CLI ${version} is older than ${since}: ${without}`,
  );
}
