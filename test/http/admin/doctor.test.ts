import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { asAdmin, newKey, send, startMulti } from '../../support/admin.ts';

interface Examination {
  readonly fail_count: number;
  readonly warn_count: number;
  readonly checks: readonly {
    readonly id: string;
    readonly level: string;
    readonly message: string;
    readonly fix?: string;
    readonly fixable: boolean;
  }[];
  readonly next_action: { readonly kind: string; readonly human_required: readonly string[]; readonly verify: string };
  readonly command: string;
}

test('the server tells its admin what is wrong, in the words of the machine', async () => {
  let now = Date.now();
  await using ocp = await startMulti({ now: () => now, config: { sparesMemoryMb: 500 } });
  await ocp.server.problem();
  const examine = async (): Promise<Examination> => {
    // An examination is shown again for a moment.
    now += 11_000;
    const { status, body } = await asAdmin(ocp, 'GET', '/api/doctor');
    assert.equal(status, 200);
    return body as Examination;
  };
  const found = ({ checks }: Examination, id: string) => checks.find((check) => check.id === id);

  const well = await examine();
  assert.equal(well.fail_count, 0, JSON.stringify(well.checks, undefined, 1));
  assert.deepEqual(
    ['cli_present', 'cli_version', 'cli_protocol', 'oauth_ok', 'database_ok', 'file_modes'].map(
      (id) => found(well, id)?.level,
    ),
    ['PASS', 'PASS', 'PASS', 'PASS', 'PASS', 'PASS'],
  );
  assert.match(well.command, /ocp doctor$/);

  const home = join(ocp.home, 'ocp');
  chmodSync(join(home, 'ocp.db'), 0o644);
  mkdirSync(join(home, 'profiles', 'alice'), { recursive: true, mode: 0o700 });
  await newKey(ocp, { name: 'alice', profile: 'alice' });
  writeFileSync(join(ocp.home, 'claude', 'settings.json'), '{}');
  const ill = await examine();
  const modes = found(ill, 'file_modes');
  assert.deepEqual([modes?.level, modes?.fixable], ['WARN', true]);
  assert.ok(modes?.message.includes('ocp.db (644)'));
  const profiles = found(ill, 'profiles_ok');
  assert.equal(profiles?.level, 'FAIL');
  assert.match(profiles.message, /not logged in: alice/);
  assert.equal(ill.next_action.kind, 'fix_oauth');
  assert.match(ill.next_action.human_required.join('\n'), /ocp'? login alice/);

  assert.equal((await send(ocp, 'GET', '/api/doctor')).status, 403);
});
