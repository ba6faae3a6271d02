import type { ClaudeBinary } from '../claude/binary.ts';
import { findClaude } from '../claude/binary.ts';
import { claudeVersion, cliProblem } from '../claude/version.ts';

/** The CLI as it is found on this machine, before it is tried as a worker. */
export interface FoundCli {
  readonly binary: ClaudeBinary | undefined;
  readonly version: string | undefined;
  /** What the operator has to do before it can be driven; undefined when nothing. */
  readonly problem: string | undefined;
}

export interface FindCliOptions {
  /** CLAUDE_BIN. */
  readonly claudeBin: string | undefined;
  readonly path: string | undefined;
  readonly packageRoot: string;
  /** What the CLI may see of OCP's environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Looks for the CLI and asks its version. Rejects only when aborted. */
export async function findCli({ env, signal, ...places }: FindCliOptions): Promise<FoundCli> {
  const binary = await findClaude(places);
  const version = binary === undefined ? undefined : await claudeVersion(binary.path, env, signal);
  return { binary, version, problem: cliProblem(binary, version) };
}
