import { z } from 'zod';
import { runClaudeCommand } from './command.ts';
import { DEFAULT_PROFILE } from './profiles.ts';

/** What the CLI says about its own login. A token is only seen to be present: no more than a completed turn proves it valid. */
export interface Login {
  /** Undefined when the CLI gave no answer that could be read. */
  readonly loggedIn: boolean | undefined;
  /** The CLI's own word: `claude.ai`, `oauth_token`, `api_key`, `third_party`, `none`. */
  readonly method: string;
  /** What the operator should do, on one line; undefined when nothing. */
  readonly hint: string | undefined;
}

/** How to log in, for whoever sits at the server. */
export const loginHint =
  'run `claude auth login`; without a browser `claude setup-token`, then set CLAUDE_CODE_OAUTH_TOKEN to its token';

/** The command that logs a profile in. */
export function loginCommand(profile: string): string {
  return profile === DEFAULT_PROFILE ? 'ocp login' : `ocp login ${profile}`;
}

const status = z.object({ loggedIn: z.boolean(), authMethod: z.string() });

/**
 * Asks the CLI (`claude auth status`, no request leaves the machine) whether it is logged in. `env` must be the
 * workers' environment, else the answer is about another login. Rejects only when aborted.
 */
export async function readLogin(
  path: string,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Login> {
  // The command exits with 1 when logged out, so only its output decides.
  const { stdout } = await runClaudeCommand(path, ['auth', 'status'], env, signal);
  const parsed = status.safeParse(readJson(stdout));
  if (!parsed.success) {
    return { loggedIn: undefined, method: 'unknown', hint: 'the login state is unknown; run `claude auth status`' };
  }
  const { loggedIn, authMethod } = parsed.data;
  return { loggedIn, method: authMethod, hint: loggedIn ? undefined : loginHint };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
