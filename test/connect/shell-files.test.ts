import assert from 'node:assert/strict';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { TestContext } from 'node:test';
import { temporaryFolder } from '../support/temporary.ts';
import type { Outcome } from './shell-support.ts';
import { contentOf, homeOf, machine, runShell, script, shells, without } from './shell-support.ts';

const server = createServer((request, response) => {
  if (request.url === '/health') response.end('{"version":"0.1.0","authMode":"none","anonymousKey":null}');
  else if (request.url === '/v1/models') response.end('{"data":[{"id":"claude-haiku-5-5"}]}');
  else response.end('{"choices":[{"message":{"content":"OK"}}]}');
});

for (const { name, path: shell } of shells) {
  suite(`what the shell script does with files, under ${name}`, { skip: without(name) }, () => {
    let url = '';
    before(async () => {
      if (!server.listening) await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      server.unref();
    });
    after(() => server.closeAllConnections());

    const start = (t: TestContext, files: Record<string, string>): { home: string; run: Run } => {
      const folder = temporaryFolder(t);
      const home = homeOf(folder, files);
      const path = machine(folder);
      return {
        home,
        run: async (...args) => runShell({ shell, file: script, home, path, args, env: { SHELL: '/usr/bin/fish' } }),
      };
    };

    test('undoes to the byte, also a file without a last line end, with odd bytes, and one that it made', async (t) => {
      const files = {
        '.bashrc': 'echo \\n "ä" \t\\\\ %s $HOME\n\n\n# no line end',
        '.zshrc': '\n\n',
        '.config/fish/config.fish':
          '# of an earlier product\n# OCP LAN (added by ocp connect)\nset -gx OPENAI_BASE_URL x\nfoo\n',
      };
      const { home, run } = start(t, files);
      assert.equal((await run(url)).status, 0);
      for (const path of Object.keys(files)) assert.match(contentOf(home, path) ?? '', /# >>> ocp >>>/);
      assert.ok(!contentOf(home, '.config/fish/config.fish')?.includes('OCP LAN'));
      const { status, stdout } = await run('--undo');
      assert.equal(status, 0);
      assert.match(stdout, /✓ \.bashrc\n {2}✓ \.zshrc\n {2}✓ config\.fish\n {2}✓ environment\.d/);
      for (const [path, content] of Object.entries(files)) assert.equal(contentOf(home, path), content, path);
      assert.deepEqual(readdirSync(join(home, '.config/environment.d')), []);
      assert.match((await run('--undo')).stdout, /nothing was there/);
    });

    // The rest says nothing more about the shell.
    if (name !== shells[0]?.name) return;

    test('changes nothing the second time, and only its block when the server is another', async (t) => {
      const { home, run } = start(t, { '.bashrc': 'first\n' });
      await run(url);
      writeFileSync(join(home, '.bashrc'), `${contentOf(home, '.bashrc') ?? ''}last\n`);
      const { mtimeMs } = statSync(join(home, '.bashrc'));
      assert.match((await run(url)).stdout, /✓ \.bashrc \(as it was\)/);
      assert.equal(statSync(join(home, '.bashrc')).mtimeMs, mtimeMs);
      await run(url, '--anthropic-env');
      assert.match(
        contentOf(home, '.bashrc') ?? '',
        /^first\n\n# >>> ocp >>>\n[^#]+ANTHROPIC_BASE_URL[^#]+# <<< ocp <<<\nlast\n$/,
      );
      await run('--undo');
      assert.equal(contentOf(home, '.bashrc'), 'first\nlast\n', 'the line added since is gone');
    });

    test('keeps modes, symbolic links and what they lead to', async (t) => {
      const { home, run } = start(t, { 'dot files/bashrc': 'x\n' });
      chmodSync(join(home, 'dot files/bashrc'), 0o640);
      symlinkSync('dot files/bashrc', join(home, '.bashrc'));
      await run(url);
      assert.ok(lstatSync(join(home, '.bashrc')).isSymbolicLink());
      assert.match(contentOf(home, 'dot files/bashrc') ?? '', /OPENAI_BASE_URL/);
      assert.equal(statSync(join(home, '.bashrc')).mode & 0o777, 0o640);
      assert.equal(statSync(join(home, '.config/environment.d/ocp.conf')).mode & 0o777, 0o600);
      assert.deepEqual(readdirSync(join(home, 'dot files')), ['bashrc'], 'something was left behind');
      await run('--undo');
      assert.ok(lstatSync(join(home, '.bashrc')).isSymbolicLink());
      assert.equal(readFileSync(join(home, '.bashrc'), 'utf8'), 'x\n');
    });

    test('leaves alone what it cannot change, says so, and goes on', async (t) => {
      const half = 'a\n# >>> ocp >>>\nexport OPENAI_BASE_URL=x\nmy own line\n';
      const { home, run } = start(t, { '.bashrc': half, '.config/environment.d': 'no folder' });
      mkdirSync(join(home, '.zshrc'));
      const { status, stdout } = await run(url);
      assert.equal(status, 0);
      assert.match(stdout, /✗ \.bashrc was left alone: it cannot be read, or holds half of a block/);
      assert.match(stdout, /✗ \.zshrc was left alone/);
      assert.match(stdout, /✗ environment\.d\/ocp\.conf cannot be written/);
      assert.equal(contentOf(home, '.bashrc'), half);
      assert.match((await run('--undo')).stdout, /✗ \.bashrc was left alone/);
      assert.equal(contentOf(home, '.bashrc'), half);
    });

    test('shows what it would do, and does nothing', async (t) => {
      const { home, run } = start(t, { '.bashrc': 'x\n' });
      assert.match((await run(url, '--dry-run')).stdout, /→ \.bashrc would be written/);
      assert.deepEqual(readdirSync(home), ['.bashrc']);
      assert.equal(contentOf(home, '.bashrc'), 'x\n');
      await run(url);
      const written = contentOf(home, '.bashrc');
      assert.match((await run('--undo', '--dry-run')).stdout, /→ \.bashrc would be put back/);
      assert.equal(contentOf(home, '.bashrc'), written);
    });
  });
}

type Run = (...args: readonly string[]) => Promise<Outcome>;
