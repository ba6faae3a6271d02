import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the recorded transcripts lie: a folder for each version, a file for each scenario. */
export const transcriptFolder: string = import.meta.dirname;

/** Versions of which there are transcripts. */
export function recordedVersions(): readonly string[] {
  return readdirSync(transcriptFolder).filter((name) => /^\d+\.\d+\.\d+$/u.test(name));
}

export function transcriptFile(version: string, name: string): string {
  return join(transcriptFolder, version, `${name}.jsonl`);
}

/** The lines of a transcript; undefined when it was not recorded. */
export function readTranscript(version: string, name: string): readonly string[] | undefined {
  const file = transcriptFile(version, name);
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : undefined;
}

/** Puts the transcripts of a version in the place of earlier ones. */
export function writeTranscripts(version: string, transcripts: ReadonlyMap<string, readonly string[]>): void {
  const folder = join(transcriptFolder, version);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [name, lines] of transcripts) writeFileSync(transcriptFile(version, name), `${lines.join('\n')}\n`);
}
