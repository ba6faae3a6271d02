import { runClaudeCommand } from './command.ts';

/** The oldest CLI that OCP drives: the oldest that keeps a client's text plain text. docs/alignment-matrix.md owns this number. */
export const MINIMUM_CLAUDE_VERSION = '2.1.248';

/** The CLI's version, such as `2.1.330`, or undefined when it does not tell one. Rejects only when aborted. */
export async function claudeVersion(
  path: string,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { code, stdout } = await runClaudeCommand(path, ['--version'], env, signal);
  return code === 0 ? /^v?(\d+\.\d+\.\d+)/.exec(stdout.trim())?.[1] : undefined;
}

/** Orders dotted versions by their numbers: negative when `a` is older, 0 when equal, positive when newer. */
export function compareVersions(a: string, b: string): number {
  const left = a.split('.').map(Number);
  const right = b.split('.').map(Number);
  for (let place = 0; place < Math.max(left.length, right.length); place++) {
    const difference = (left[place] ?? 0) - (right[place] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Whether OCP can drive a CLI of this version. */
export function isSupportedVersion(version: string): boolean {
  return compareVersions(version, MINIMUM_CLAUDE_VERSION) >= 0;
}

const install = 'npm install -g @anthropic-ai/claude-code';

/** What the operator has to do before the CLI can be driven; undefined when nothing. */
export function cliProblem(
  cli: { readonly path: string } | undefined,
  version: string | undefined,
): string | undefined {
  if (cli === undefined) return `install the Claude CLI: ${install}`;
  if (version === undefined) {
    return `the Claude CLI does not tell its version; try \`claude --version\`, or install it again: ${install}`;
  }
  if (isSupportedVersion(version)) return undefined;
  return `the Claude CLI is older than ${MINIMUM_CLAUDE_VERSION}, which OCP needs; update it: ${install}`;
}
