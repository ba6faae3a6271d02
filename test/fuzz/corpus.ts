import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mode } from './fuzz.ts';
import type { FuzzRequest } from './requests.ts';

/** A request that was worth keeping: it found something, or went a way of its own. */
export interface CorpusEntry {
  readonly mode: Mode;
  /** What was special about it. */
  readonly signature: string;
  readonly method: string;
  readonly target: string;
  /** Without those that say who calls and where, which are other ones in every run. */
  readonly headers: readonly string[];
  /** Base64; absent for a request without a body. */
  readonly body?: string;
  readonly mayFail?: true;
}

const file = join(import.meta.dirname, 'corpus', 'requests.jsonl');
/** Bytes of a request; larger ones are those of test/hostile. */
const LARGEST = 4000;

export function readCorpus(): CorpusEntry[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as CorpusEntry);
}

export function writeCorpus(entries: readonly CorpusEntry[]): void {
  const lines = entries.map((entry) => JSON.stringify(entry)).filter((line) => line.length <= LARGEST);
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
}

export function corpusEntry(mode: Mode, signature: string, request: FuzzRequest): CorpusEntry {
  const { method, target, headers, body, mayFail } = request;
  return {
    mode,
    signature,
    method,
    target,
    headers: headers.filter((line) => !/^(?:host|authorization|x-api-key):/iu.test(line)),
    ...(body === undefined ? {} : { body: body.toString('base64') }),
    ...(mayFail ? { mayFail } : {}),
  };
}
