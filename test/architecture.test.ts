import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { suite, test } from 'node:test';

const root = resolve(import.meta.dirname, '..');

/** Which rooms of src a room may import from, besides itself. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  wire: [],
  edit: [],
  config: ['edit'],
  store: ['config', 'wire'],
  claude: ['config', 'wire'],
  backup: ['claude', 'config', 'store', 'wire'],
  gateway: ['claude', 'config', 'store', 'wire'],
  // What doctor looks at comes in: the checks run in the server and in the command alike.
  doctor: ['backup', 'claude', 'config', 'store', 'wire'],
  http: ['claude', 'config', 'dashboard', 'doctor', 'gateway', 'store', 'wire'],
  dashboard: [],
  host: ['claude', 'config', 'doctor', 'edit', 'store', 'wire'],
  connect: ['config', 'edit', 'wire'],
  cli: ['backup', 'claude', 'config', 'connect', 'doctor', 'edit', 'gateway', 'host', 'http', 'store', 'wire'],
};

/** Commands that run the simulator: `ocp simulate` and `ocp demo`. */
const mayUseSimulator = /^src\/cli\/(?:simulate|demo[a-z-]*)\.ts$/u;

interface SourceFile {
  /** From the root, with slashes. */
  readonly path: string;
  readonly text: string;
  /** Our own files that it imports, from the root; types do not count in `runtime`, and only what is loaded with it in `start`. */
  readonly imports: readonly string[];
  readonly runtime: readonly string[];
  readonly start: readonly string[];
}

const importStatement = /^(?:import|export)\s(type\s)?[^;]*?from\s+'(\.[^']+)'|\bimport\('(\.[^']+)'\)/gmu;

function readSource(path: string): SourceFile {
  const text = readFileSync(join(root, path), 'utf8');
  const found = [...text.matchAll(importStatement)].map(([, isType, fixed, dynamic]) => ({
    isType: isType !== undefined,
    isFixed: fixed !== undefined,
    path: relative(root, resolve(root, dirname(path), fixed ?? dynamic ?? '')),
  }));
  return {
    path,
    text,
    imports: found.map((entry) => entry.path),
    runtime: found.filter((entry) => !entry.isType).map((entry) => entry.path),
    start: found.filter((entry) => !entry.isType && entry.isFixed).map((entry) => entry.path),
  };
}

function sourcesOf(folder: string): readonly SourceFile[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/u.test(name))
    .map((name) => readSource(join(folder, name)));
}

const src = sourcesOf('src');
const simulator = sourcesOf('simulator');
const all = [...src, ...simulator, ...sourcesOf('test')];

function roomOf(path: string): string {
  return path.startsWith('src/') ? (path.split('/')[1] ?? '') : (path.split('/')[0] ?? '');
}

suite('the house', () => {
  test('is seen whole by this test', () => {
    const definition = src.find((file) => file.path === 'src/cli/serve-command.ts');
    assert.ok(definition?.imports.includes('src/cli/serve.ts') === true, 'a dynamic import was not seen');
    const serve = src.find((file) => file.path === 'src/cli/serve.ts');
    assert.ok(serve?.imports.includes('src/cli/command.ts') === true, 'an import of types was not seen');
    assert.deepEqual(
      src.map((file) => roomOf(file.path)).filter((room) => !Object.hasOwn(mayImport, room)),
      [],
      'a room without a rule',
    );
  });

  test('has imports in one direction only', () => {
    const wrong = src.flatMap((file) => {
      const room = roomOf(file.path);
      const allowed = [room, ...(mayImport[room] ?? []), ...(mayUseSimulator.test(file.path) ? ['simulator'] : [])];
      return file.imports.filter((path) => !allowed.includes(roomOf(path))).map((path) => `${file.path} -> ${path}`);
    });
    assert.deepEqual(wrong, []);
  });

  test('stands without the simulator, which knows nothing of it but wire types', () => {
    const wrong = simulator.flatMap((file) =>
      file.imports.filter((path) => !/^(?:simulator|src\/wire)\//u.test(path)).map((path) => `${file.path} -> ${path}`),
    );
    assert.deepEqual(wrong, []);
    const values = simulator.flatMap((file) => file.runtime.filter((path) => path.startsWith('src/')));
    assert.deepEqual(values, []);
  });

  test('loads no library for help, completion and the choice of a command', () => {
    const loaded = new Set(['src/cli/main.ts']);
    for (const path of loaded) {
      for (const next of src.find((file) => file.path === path)?.start ?? []) loaded.add(next);
    }
    assert.ok(loaded.has('src/cli/serve-command.ts') && !loaded.has('src/cli/serve.ts'));
    const libraries = src
      .filter(({ path }) => loaded.has(path))
      .flatMap(({ path, text }) =>
        [...text.matchAll(/^import\s(?!type\b)[^;]*?from\s+'([^.'][^']*)'/gmu)].map(
          ([, name = '']) => `${path} -> ${name}`,
        ),
      )
      .filter((edge) => !edge.includes(' -> node:'));
    assert.deepEqual(libraries, []);
  });

  test('has no file over 500 lines', () => {
    const long = all.filter((file) => file.text.split('\n').length > 501).map((file) => file.path);
    assert.deepEqual(long, []);
  });

  test('has no default exports', () => {
    const wrong = all.filter((file) => /^export default\b|\bas default\b/mu.test(file.text)).map((file) => file.path);
    assert.deepEqual(wrong, []);
  });

  test('has no circles', () => {
    const byPath = new Map([...src, ...simulator].map((file) => [file.path, file]));
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (path: string, trail: readonly string[]): void => {
      if (trail.includes(path)) circles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
      else if (!done.has(path)) {
        for (const next of byPath.get(path)?.imports ?? []) visit(next, [...trail, path]);
        done.add(path);
      }
    };
    for (const path of byPath.keys()) visit(path, []);
    assert.deepEqual(circles, []);
  });
});
