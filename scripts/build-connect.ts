import { readdir, readFile, stat } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { join, resolve } from 'node:path';
import { build } from 'vite';

/**
 * `npm run build:connect`: the program for client machines in one file that needs nothing but Node 20,
 * dist/connect/ocp-connect.mjs. The licences of the packages that go into it stand at its end.
 */

const root = resolve(import.meta.dirname, '..');
const outDir = join(root, 'dist/connect');
const fileName = 'ocp-connect.mjs';

await build({
  configFile: false,
  root,
  publicDir: false,
  logLevel: 'warn',
  ssr: { noExternal: true },
  build: {
    ssr: 'src/connect/main.ts',
    outDir,
    // A server that runs goes on handing the file out.
    emptyOutDir: false,
    target: 'node20',
    minify: true,
    rolldownOptions: {
      external: (id) => id.startsWith('node:') || builtinModules.includes(id),
      output: {
        format: 'es',
        entryFileNames: fileName,
        codeSplitting: false,
        postFooter: async (chunk) => licences(packagesOf(chunk.moduleIds)),
      },
    },
  },
});

const { size } = await stat(join(outDir, fileName));
console.log(`dist/connect/${fileName}: ${(size / 1024).toFixed(1)} KB`);

/** Names of the packages that these files come from. */
function packagesOf(files: readonly string[]): readonly string[] {
  const names = files.flatMap((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//u.exec(file)?.[1] ?? []);
  return [...new Set(names)].sort();
}

async function licences(names: readonly string[]): Promise<string> {
  const texts = await Promise.all(
    names.map(async (name) => {
      const folder = join(root, 'node_modules', name);
      const file = (await readdir(folder)).find((entry) => /^licen[cs]e/iu.test(entry));
      if (file === undefined) throw new Error(`${name} has no licence to pass on`);
      return `${name}\n\n${(await readFile(join(folder, file), 'utf8')).trim()}`;
    }),
  );
  return `/*\nThis file contains:\n\n${texts.join('\n\n----\n\n').replaceAll('*/', '* /')}\n*/`;
}
