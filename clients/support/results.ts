import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One line of the table. */
export interface ClientResult {
  readonly client: string;
  readonly packageName: string;
  readonly version: string;
  readonly surface: string;
  /** What the client had to do. */
  readonly asked: string;
  readonly passed: boolean;
  /** Requests that offer tools: how many others a client makes on the side, and breaks off, is a matter of luck. */
  readonly requests: number;
  /** The steps that OCP told anew, because the client had changed what it said before. */
  readonly edits: readonly string[];
}

/** Names the folder where test files, each a process of its own, leave their lines. */
export const resultsFolderVariable = 'OCP_CLIENT_RESULTS';

/** Leaves a line for the table; nothing when a test file is run by itself. */
export function writeResult(result: ClientResult): void {
  const folder = process.env[resultsFolderVariable];
  if (folder === undefined) return;
  const name = `${result.client} ${result.surface}`.replaceAll(/\W+/g, '-').toLowerCase();
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(result));
}

/** Collects the lines, by name, into one file. */
export function collectResults(folder: string, file: string): void {
  const results = readdirSync(folder)
    .toSorted()
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as ClientResult);
  writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`);
}
