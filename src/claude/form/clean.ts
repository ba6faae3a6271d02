/** How often the CLI looks again for what its last look has made. */
const MOST_ROUNDS = 10;
/** What it takes out: invisible characters, private ones, and ones that Unicode has not assigned. */
const stripped = /[\p{Cf}\p{Co}\p{Cn}]/gu;
const beyondAscii = /\P{ASCII}/u;

/**
 * What the CLI makes of each text in a client's tools: compatibility forms are replaced (`m²` becomes `m2`), invisible
 * characters are taken out. Nothing else of a request is treated like this. Held by alignment/contract/altered-tools.test.ts.
 */
export function cleaned(text: string): string {
  if (!beyondAscii.test(text)) return text;
  let clean = text;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const next = clean.normalize('NFKC').replaceAll(stripped, '');
    if (next === clean) break;
    clean = next;
  }
  return clean;
}

export function isClean(text: string): boolean {
  return cleaned(text) === text;
}
