import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { installCli, publishedDays } from './matrix/install.ts';
import { keepResult } from './matrix/results.ts';
import { tryCli } from './matrix/try-version.ts';
import { writeTranscripts } from './transcripts/files.ts';

/**
 * `npm run alignment -- VERSION…`: tries versions of the CLI, one after another: installs each from npm into a temporary
 * folder, runs the contract tests against it, keeps results and transcripts, and removes it. `--keep FOLDER` leaves what
 * was installed for the next time. `npm run docs` makes the page of the results.
 */

const { values, positionals } = parseArgs({ options: { keep: { type: 'string' } }, allowPositionals: true });
if (positionals.length === 0 || !positionals.every((version) => /^\d+\.\d+\.\d+$/u.test(version))) {
  console.error('usage: npm run alignment -- [--keep FOLDER] VERSION…, such as 2.1.330');
  process.exit(2);
}

const days = await publishedDays();
for (const version of positionals) {
  const folder = mkdtempSync(join(tmpdir(), 'alignment-cli-'));
  try {
    const installed = values.keep === undefined ? folder : join(values.keep, version);
    mkdirSync(installed, { recursive: true });
    const binary = await installCli(version, installed);
    const recordings = join(folder, 'transcripts');
    const result = await tryCli(binary, recordings);
    keepResult({ version, published: days[version] ?? 'unknown', ...result });
    writeTranscripts(version, readRecordings(recordings));
    const failed = Object.entries(result.tests).filter(([, reason]) => reason !== null);
    console.log(`${version}: ${Object.keys(result.tests).length - failed.length} passed, ${failed.length} failed`);
    for (const [test, reason] of failed) console.log(`  ${test}\n    ${reason}`);
    if (result.missingFlags.length > 0) console.log(`  flags that it does not know: ${result.missingFlags.join(', ')}`);
  } catch (error) {
    console.error(`${version}: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`);
    process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readRecordings(folder: string): ReadonlyMap<string, readonly string[]> {
  return new Map(
    readdirSync(folder).map((file) => [
      file.replace(/\.jsonl$/u, ''),
      readFileSync(join(folder, file), 'utf8').trimEnd().split('\n'),
    ]),
  );
}
