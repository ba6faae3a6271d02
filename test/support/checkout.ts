import { mkdirSync, readFileSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { git, gitWith } from './git.ts';
import { packageRoot } from './ocp.ts';

/** What an installed OCP needs of this repository. */
const parts = [
  'src',
  'simulator',
  'models.json',
  'package.json',
  'package-lock.json',
  'ocp',
  'ocp-connect',
  '.gitignore',
];

/** This repository as it is now, as a git remote from which OCP is installed and updated. */
export interface Remote {
  readonly folder: string;
  /** Makes a release of that version: this OCP, but with these texts in place of its files from now on. */
  release(version: string, files?: Readonly<Record<string, string>>): void;
}

/** Makes it in a new folder. The files go straight into git: they need no copy. */
export function makeRemote(folder: string): Remote {
  git('/', 'init', '--quiet', '--bare', '--template=', '--initial-branch', 'main', folder);
  const fast = ['-c', 'core.compression=0'];
  git(packageRoot, ...fast, `--git-dir=${folder}`, `--work-tree=${packageRoot}`, 'add', '--', ...parts);
  let parent: readonly string[] = [];
  const put = (path: string, text: string): void => {
    const blob = gitWith(text, folder, 'hash-object', '-w', '--stdin');
    git(folder, 'update-index', '--cacheinfo', `100644,${blob},${path}`);
  };
  return {
    folder,
    release(version, files = {}) {
      for (const name of ['package.json', 'package-lock.json']) {
        const text = readFileSync(join(packageRoot, name), 'utf8');
        put(name, text.replace(/"version": "[^"]+"/u, `"version": "${version}"`));
      }
      for (const [path, text] of Object.entries(files)) put(path, text);
      const tree = git(folder, 'write-tree');
      const commit = git(folder, 'commit-tree', tree, '-m', version, ...parent.flatMap((each) => ['-p', each]));
      parent = [commit];
      git(folder, 'update-ref', 'refs/heads/main', commit);
      git(folder, 'tag', `v${version}`, commit);
    },
  };
}

/** Installs the newest release of the remote: a clone on its branch, with the packages of this repository. */
export function installFrom({ folder }: Remote, root: string): void {
  git('/', 'clone', '--quiet', '--template=', folder, root);
  // Otherwise git begins to tidy up behind the test's back.
  git(root, 'config', 'gc.auto', '0');
  git(root, 'config', 'maintenance.auto', 'false');
  const packages = join(root, 'node_modules');
  mkdirSync(packages);
  // Each by a link: what OCP keeps beside them is the checkout's own.
  for (const name of readdirSync(join(packageRoot, 'node_modules')).filter((entry) => entry !== '.cache')) {
    symlinkSync(join(packageRoot, 'node_modules', name), join(packages, name));
  }
}

/** The text of `src/http/serve.ts` of a release whose server does not start. */
export function brokenServer(): string {
  const file = readFileSync(join(packageRoot, 'src/http/serve.ts'), 'utf8');
  return (
    "import { ConfigError as Broken } from '../config/error.ts';\n" +
    `throw new Broken('OCP_HOME', 'broken on purpose');\n${file}`
  );
}
