import { execFileSync } from 'node:child_process';

/** The environment of git: nothing of the user's own configuration. */
export const gitEnv: Readonly<Record<string, string>> = {
  PATH: '/usr/bin:/bin',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_AUTHOR_NAME: 'Tester',
  GIT_AUTHOR_EMAIL: 'tester@example.com',
  GIT_COMMITTER_NAME: 'Tester',
  GIT_COMMITTER_EMAIL: 'tester@example.com',
};

/** Runs git in that folder and gives what it says. */
export function git(folder: string, ...args: readonly string[]): string {
  return gitWith('', folder, ...args);
}

/** As `git`, with that text as its input. */
export function gitWith(input: string, folder: string, ...args: readonly string[]): string {
  return execFileSync('git', ['-C', folder, ...args], { env: gitEnv, encoding: 'utf8', stdio: 'pipe', input }).trim();
}
