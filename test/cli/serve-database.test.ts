import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isolatedEnv, packageRoot } from '../support/ocp.ts';
import { temporaryFolder } from '../support/temporary.ts';

test('ocp serve does not start on a damaged database, and says so in one line', async (t) => {
  const home = temporaryFolder(t);
  const env = isolatedEnv(home, 'http://127.0.0.1:9');
  mkdirSync(join(home, 'ocp'), { mode: 0o700 });
  writeFileSync(join(home, 'ocp', 'ocp.db'), 'this was a database once', { mode: 0o600 });
  const { status, stderr } = await new Promise<{ status: unknown; stderr: string }>((resolve) => {
    execFile(process.execPath, [join(packageRoot, 'src/cli/main.ts'), 'serve'], { env }, (error, _stdout, stderr) =>
      resolve({ status: error?.code, stderr }),
    );
  });
  assert.equal(status, 1);
  assert.match(stderr, /^ocp: .*ocp\.db is damaged and was left as it is; .*\n$/);
});
