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
    const parent = spawn('/bin/sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    });
    assert.ok(parent.pid !== undefined);
    const group = -parent.pid;
    t.after(() => process.kill(group, 'SIGKILL'));
    const [told] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(told.toString('utf8'));
    // As long as it is a shell, it may collect what has ended.
    await until(() => readFileSync(`/proc/${parent.pid}/comm`, 'utf8').trim() === 'sleep');
    const start = await processStart(process.pid);
    assert.match(String(start), /^\d+$/u);
    assert.equal(await processStart(process.pid), start);
    process.kill(pid, 'SIGKILL');
    await until(() => /\) Z /u.test(readFileSync(`/proc/${pid}/stat`, 'utf8')));
    assert.equal(await processStart(pid), undefined);
  },
);
