import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';

/**
 * `npm run test:package`: packs OCP, installs the tarball globally into a folder of its own, and uses what is installed there:
 * version, demo, simulator, server, dashboard, connect. Exit status 1 with the reason when something does not hold. Needs
 * npm's registry for the dependencies; nothing reaches Anthropic.
 */

const root = resolve(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'ocp-package-'));
const prefix = join(folder, 'global');
const running: ChildProcess[] = [];

/** Files that an installed OCP needs, and what it must not carry. */
const needed = ['ocp', 'models.json', 'LICENSE', 'README.md', 'dist/src/cli/main.js', 'dist/simulator/main.js'];
const built = ['dist/sbom.cdx.json', 'dist/dashboard/', 'dist/connect/'];
const unwanted = /^(?:test|bench|clients|scripts|alignment|src|simulator|\.)|\.(?:ts|tsx|map|tgz)$/u;

try {
  const tarball = pack();
  npm(['install', '--global', `--prefix=${prefix}`, '--no-audit', '--no-fund', tarball]);
  const version = run(['--version']).trim();
  say(`installed: OCP ${version}`);
  run(['demo', '--once', '--port', '0']);
  say('the demo answered');
  await useServer();
} finally {
  for (const child of running) child.kill('SIGTERM');
  await Promise.all(running.map(ended));
  rmSync(folder, { recursive: true, force: true });
}

function pack(): string {
  const listing = npm(['pack', '--json', `--pack-destination=${folder}`]);
  const packed = z
    .array(z.object({ filename: z.string(), size: z.number(), files: z.array(z.object({ path: z.string() })) }))
    .or(
      z
        .record(
          z.string(),
          z.object({ filename: z.string(), size: z.number(), files: z.array(z.object({ path: z.string() })) }),
        )
        .transform((byName) => Object.values(byName)),
    )
    .parse(JSON.parse(listing.slice(listing.search(/^[[{]/mu))));
  const [first] = packed;
  assert.ok(first !== undefined, listing);
  const paths = first.files.map((file) => file.path);
  for (const wanted of [...needed, ...built]) {
    assert.ok(
      paths.some((path) => (wanted.endsWith('/') ? path.startsWith(wanted) : path === wanted)),
      `${wanted} is not in the package`,
    );
  }
  assert.deepEqual(
    paths.filter((path) => unwanted.test(path)),
    [],
    'what does not belong into the package',
  );
  say(`packed: ${paths.length} files, ${Math.round(first.size / 1024)} KB`);
  return join(folder, first.filename);
}

async function useServer(): Promise<void> {
  const simulator = await start(['simulate', '--port', '0'], {});
  const server = await start(['serve'], {
    CLAUDE_PROXY_PORT: '0',
    ANTHROPIC_BASE_URL: simulator,
    ANTHROPIC_API_KEY: 'sk-ant-simulated',
    OCP_CLAUDE_ENV: 'ANTHROPIC_BASE_URL,ANTHROPIC_API_KEY',
  });
  const answer = await fetch(`${server}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'sonnet', messages: [{ role: 'user', content: 'Hello' }] }),
  });
  const text = await answer.text();
  assert.equal(answer.status, 200, text);
  assert.match(text, /Hello from the simulator/u);
  say('the server answered');
  for (const [path, sign] of [
    ['/dashboard', '<!doctype html>'],
    ['/connect', '#!/bin/sh'],
    ['/connect/ocp-connect.mjs', 'import'],
  ] as const) {
    const page = await fetch(`${server}${path}`);
    const body = await page.text();
    assert.equal(page.status, 200, `${path}: ${body.slice(0, 200)}`);
    assert.ok(body.toLowerCase().includes(sign), `${path}: ${body.slice(0, 200)}`);
  }
  say('dashboard and connect are served');
  run(['status', '--url', server, '--json']);
  run(['connect', '--list', '--json', '127.0.0.1', '--port', new URL(server).port]);
  say('the commands reach it');
}

/** The environment of everything that is tried: nothing of the caller's own but where Node lies. */
function environment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const home = join(folder, 'home');
  mkdirSync(join(folder, 'tmp'), { recursive: true });
  mkdirSync(home, { recursive: true });
  return {
    PATH: [join(prefix, 'bin'), dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter),
    HOME: home,
    TMPDIR: join(folder, 'tmp'),
    CLAUDE_CONFIG_DIR: join(home, 'claude'),
    ...more,
  };
}

/** Runs the installed command to its end and gives what it printed. */
function run(argv: readonly string[]): string {
  return execFileSync(join(prefix, 'bin', 'ocp'), argv, { cwd: folder, env: environment(), encoding: 'utf8' });
}

/** Starts the installed command; gives the address that it tells. */
async function start(argv: readonly string[], more: Readonly<Record<string, string>>): Promise<string> {
  const child = spawn(join(prefix, 'bin', 'ocp'), argv, {
    cwd: folder,
    env: environment(more),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.push(child);
  for await (const line of createInterface({ input: child.stdout })) {
    const [url] = /http:\/\/127\.0\.0\.1:\d+/u.exec(line) ?? [];
    if (url !== undefined) return url;
  }
  throw new Error(`ocp ${argv.join(' ')} ended`);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((resolve) => child.once('close', resolve));
}

/** npm is ours, and needs the caller's environment to find its registry. */
function npm(args: readonly string[]): string {
  return execFileSync('npm', args, {
    cwd: root,
    env: process.env,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

function say(line: string): void {
  console.log(line);
}
