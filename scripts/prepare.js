/**
 * Builds what OCP serves, after `npm ci`. In plain JavaScript, and only where the development dependencies are installed:
 * without them this may run in an older Node, and there is nothing to build with.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
if (existsSync(new URL('../node_modules/vite/package.json', import.meta.url))) {
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit', shell: true });
  process.exitCode = status ?? 1;
} else {
  process.stdout.write('What OCP serves is not built: that needs the development dependencies (npm ci).\n');
}
