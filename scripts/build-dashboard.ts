import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'vite';

/** Builds the dashboard's page from src/dashboard into dist/dashboard, each file also compressed, as OCP serves it. */

const root = resolve(import.meta.dirname, '..');
const out = join(root, 'dist/dashboard');

await build({
  configFile: false,
  root: join(root, 'src/dashboard'),
  base: '/dashboard/',
  publicDir: false,
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: out,
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
});

let total = 0;
for (const entry of await readdir(out, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const path = join(entry.parentPath, entry.name);
  const content = await readFile(path);
  const gzip = gzipSync(content, { level: 9 });
  const brotli = brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  await writeFile(`${path}.gz`, gzip);
  await writeFile(`${path}.br`, brotli);
  total += gzip.length;
}
console.log(`dist/dashboard: ${(total / 1024).toFixed(1)} KB gzipped`);
