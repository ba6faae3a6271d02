import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { findClaude } from '../../src/claude/binary.ts';
import { ConfigError } from '../../src/config/error.ts';
import { fakeExecutable, temporaryFolder } from '../support/temporary.ts';

/** A tree as npm makes it: OCP's own folder and the CLI's package in one of the node_modules folders above it. */
function install(modules: string, bin: unknown, file = 'bin/claude.exe'): string {
  const folder = join(modules, '@anthropic-ai', 'claude-code');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: '@anthropic-ai/claude-code', bin }));
  return fakeExecutable(join(folder, file), 'exit 0');
}

describe('finding the Claude CLI', () => {
  it('prefers the operator’s choice, then the PATH, then the package', async (t) => {
    const root = temporaryFolder(t);
    const chosen = fakeExecutable(join(root, 'chosen', 'my claude'), 'exit 0');
    const onPath = fakeExecutable(join(root, 'bin', 'claude'), 'exit 0');
    const packaged = install(join(root, 'node_modules'), { claude: 'bin/claude.exe' });
    const path = `${join(root, 'nowhere')}:${join(root, 'bin')}`;
    const claudeBin = undefined;

    assert.deepEqual(await findClaude({ claudeBin: chosen, path, packageRoot: root }), {
      path: chosen,
      source: 'CLAUDE_BIN',
    });
    assert.deepEqual(await findClaude({ claudeBin, path, packageRoot: root }), { path: onPath, source: 'PATH' });
    assert.deepEqual(await findClaude({ claudeBin, path: undefined, packageRoot: root }), {
      path: packaged,
      source: 'package',
    });
  });

  it('finds the package beside OCP in a global install, and its bin in either form', async (t) => {
    const root = temporaryFolder(t);
    const modules = join(root, 'lib', 'node_modules');
    const packageRoot = join(modules, 'open-claude-proxy');
    mkdirSync(packageRoot, { recursive: true });
    const packaged = install(modules, 'cli', 'cli');
    assert.deepEqual(await findClaude({ claudeBin: undefined, path: '', packageRoot }), {
      path: packaged,
      source: 'package',
    });
  });

  it('passes over folders, files that cannot be run, dead links and relative entries of the PATH', async (t) => {
    const root = temporaryFolder(t);
    mkdirSync(join(root, 'a', 'claude'), { recursive: true });
    chmodSync(fakeExecutable(join(root, 'b', 'claude'), 'exit 0'), 0o644);
    mkdirSync(join(root, 'c'));
    symlinkSync(join(root, 'gone'), join(root, 'c', 'claude'));
    const path = ['a', 'b', 'c'].map((name) => join(root, name)).join(':');
    assert.equal(await findClaude({ claudeBin: undefined, path: `.::bin:${path}`, packageRoot: root }), undefined);
  });

  it('says so when the operator’s choice cannot be run, instead of taking another', async (t) => {
    const root = temporaryFolder(t);
    fakeExecutable(join(root, 'claude'), 'exit 0');
    await assert.rejects(
      findClaude({ claudeBin: join(root, 'missing'), path: root, packageRoot: root }),
      (error) => error instanceof ConfigError && /^CLAUDE_BIN is ".*missing", but must be/.test(error.message),
    );
  });
});
