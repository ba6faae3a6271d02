import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * `npm run build:package`, which `npm pack` runs by itself: compiles what an installed OCP runs, since Node strips no types
 * below node_modules, and writes down what the package brings with it (CycloneDX, dist/sbom.cdx.json).
 */

const root = resolve(import.meta.dirname, '..');
const dist = join(root, 'dist');

for (const folder of ['src', 'simulator']) rmSync(join(dist, folder), { recursive: true, force: true });
const tsc = join(root, 'node_modules/typescript/bin/tsc');
execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], { cwd: root, stdio: 'inherit' });
const bom = execFileSync('npm', ['sbom', '--sbom-format=cyclonedx', '--omit=dev', '--package-lock-only'], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
});
writeFileSync(join(dist, 'sbom.cdx.json'), bom);
