import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { processStart } from '../../src/claude/process-start.ts';
import { until } from '../support/processes.ts';

const skip = process.platform === 'linux' ? false : 'reads /proc';

test(
  'a process has a start while it runs, and none once it has ended, even if its parent never asks',
  { skip },
  async (t) => {
    // The shell becomes a program that does not wait for the child that it finds.
    const parent = spawn('/bin/sh', ['-c', 'read -r line & echo $!; exec sleep 60'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    t.after(() => parent.kill('SIGKILL'));
    const [told] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(told.toString('utf8'));
    const start = await processStart(process.pid);
    assert.match(String(start), /^\d+$/u);
    assert.equal(await processStart(process.pid), start);
    process.kill(pid, 'SIGKILL');
    await until(() => /\) Z /u.test(readFileSync(`/proc/${pid}/stat`, 'utf8')));
    assert.equal(await processStart(pid), undefined);
  },
);
