import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** What a client finds when it starts: a project of its own and an empty home. */
export interface Workspace {
  /** A git repository whose README.md holds the word. */
  readonly project: string;
  readonly readme: string;
  readonly home: string;
  /** Known to nobody who has not read README.md. */
  readonly word: string;
}

/** Makes a workspace that goes with the test. */
export function createWorkspace(t: TestContext): Workspace {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'ocp-client-')));
  t.after(() => rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));
  const project = join(root, 'project');
  const home = join(root, 'home');
  mkdirSync(project);
  mkdirSync(home);
  const word = `word${randomBytes(6).toString('hex')}`;
  const readme = join(project, 'README.md');
  writeFileSync(readme, `# A project\n\nIts word is ${word}.\n`);
  const env = { PATH: '/usr/bin:/bin', HOME: home };
  const git = (...args: string[]): void => void execFileSync('git', args, { cwd: project, env });
  git('init', '--quiet', '--initial-branch=main');
  git('add', 'README.md');
  git('-c', 'user.name=Tester', '-c', 'user.email=tester@example.com', 'commit', '--quiet', '-m', 'Begin');
  return { project, readme, home, word };
}
