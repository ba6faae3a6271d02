import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One line of the table. */
export interface ClientResult {
  readonly client: string;
  readonly packageName: string;
  readonly version: string;
  /** The version of OCP that it was last tried with. */
  readonly ocp: string;
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
  writeFileSync(join(folder, fileName(result)), JSON.stringify(result));
}

/**
 * Collects the lines, by name, into one file. Lines of clients that were not tried this time are kept as they are: each
 * says which versions it is about.
 */
export function collectResults(folder: string, file: string, { keepOthers }: { readonly keepOthers: boolean }): void {
  const results = new Map<string, ClientResult>();
  const earlier = keepOthers ? (JSON.parse(readFileSync(file, 'utf8')) as readonly ClientResult[]) : [];
  const latest = readdirSync(folder).map(
    (name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as ClientResult,
  );
  for (const result of [...earlier, ...latest]) results.set(fileName(result), result);
  const sorted = [...results].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, result]) => result);
  writeFileSync(file, `${JSON.stringify(sorted, undefined, 2)}\n`);
}

function fileName({ client, surface }: ClientResult): string {
  return `${`${client} ${surface}`.replaceAll(/\W+/g, '-').toLowerCase()}.json`;
}
