import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeBackupOutcome } from '../../src/config/backup-outcome.ts';
import { fakeClaudeBinary } from '../support/fake-claude.ts';
import { startOcp } from '../support/ocp.ts';

test('health shows how the last scheduled backup went, without its reason', { timeout: 60_000 }, async () => {
  await using ocp = await startOcp({ env: { CLAUDE_BIN: fakeClaudeBinary, OCP_BACKUP_EVERY: '24h' } });
  const home = join(ocp.home, 'ocp');
  assert.deepEqual((await ocp.health())['backups'], { state: 'due', lastAt: null });
  writeBackupOutcome(home, { at: 5, problem: 'no room in /home/anna' });
  const failed = await ocp.health();
  assert.deepEqual([failed['status'], failed['backups']], ['degraded', { state: 'failed', lastAt: 5 }]);
  assert.doesNotMatch(JSON.stringify(failed['backups']), /anna/u);
  writeBackupOutcome(home, { at: 6, problem: null });
  const { status, backups } = await ocp.health();
  assert.deepEqual([status, backups], ['ok', { state: 'ok', lastAt: 6 }]);
});
