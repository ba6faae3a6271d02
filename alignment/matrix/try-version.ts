import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from 'node:test';
import { spawnSync } from 'node:child_process';
import { workerArguments, workerSwitches } from '../../src/claude/arguments.ts';
import type { VersionResult } from './results.ts';

const contract = join(import.meta.dirname, '..', 'contract');

/** Runs the contract tests against a CLI. `record` is a folder for its transcripts. */
export async function tryCli(binary: string, record: string): Promise<Pick<VersionResult, 'missingFlags' | 'tests'>> {
  const missingFlags = findMissingFlags(binary);
  const tests: Record<string, string | null> = {};
  const files = readdirSync(contract)
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(contract, name));
  const variables = { ALIGNMENT_CLI: binary, ALIGNMENT_WITHOUT: missingFlags.join(' '), ALIGNMENT_RECORD: record };
  Object.assign(process.env, variables);
  const suites: string[] = [];
  for await (const { type, data } of run({ files, concurrency: 2, timeout: 300_000 })) {
    if (type === 'test:start') suites[data.nesting] = data.name;
    if ((type !== 'test:pass' && type !== 'test:fail') || data.details.type === 'suite') continue;
    const suite = data.nesting === 0 ? '' : `${suites[0] ?? ''}: `;
    tests[`${suite}${data.name}`] = type === 'test:pass' ? null : reason(data.details.error);
  }
  return { missingFlags, tests: Object.fromEntries(Object.entries(tests).toSorted(([a], [b]) => (a < b ? -1 : 1))) };
}

/** The CLI names one flag at a time: it is started again without each that it complained of. */
function findMissingFlags(binary: string): readonly string[] {
  const home = mkdtempSync(join(tmpdir(), 'alignment-flags-'));
  const missing: string[] = [];
  try {
    for (let round = 0; round < 20; round += 1) {
      const args = workerArguments('claude-sonnet-4-6').filter((one) => !missing.includes(one.replace(/=.*/su, '')));
      const env = { PATH: '/usr/bin:/bin', HOME: home, ANTHROPIC_API_KEY: 'fake', ...workerSwitches };
      const { stderr } = spawnSync(binary, args, { env, cwd: home, input: '', encoding: 'utf8', timeout: 60_000 });
      const unknown = /unknown option '(--?[\w-]+)/u.exec(stderr)?.[1];
      if (unknown === undefined) break;
      missing.push(unknown);
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
  return missing;
}

function reason(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const text = cause instanceof Error ? cause.message : String(cause);
  // What Node adds to compare values spans lines.
  return text.replaceAll(/\s+/gu, ' ').trim().slice(0, 200);
}
