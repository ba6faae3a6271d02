/** Into how many parts the clients are divided; each takes some six minutes on two cores. */
export const PARTS = 4;

const DAY_MS = 86_400_000;

/** What is to be tried. */
export interface Choice {
  /** Tries every client. */
  readonly all: boolean;
  /** Tries only test files whose name begins with one of these. */
  readonly only: readonly string[];
}

/**
 * Chooses among the test files. Unless told otherwise it takes one part of them, another one each day (UTC), so that all
 * have had their turn after as many days as there are parts.
 *
 * @throws Error where a name fits no file
 */
export function chooseFiles(files: readonly string[], { all, only }: Choice, now: Date): readonly string[] {
  if (all) return files;
  const strange = only.find((name) => !files.some((file) => file.startsWith(name)));
  if (strange !== undefined) throw new Error(`No client is called ${strange}; there are ${files.join(', ')}`);
  if (only.length > 0) return files.filter((file) => only.some((name) => file.startsWith(name)));
  const part = Math.floor(now.getTime() / DAY_MS) % PARTS;
  return files.filter((_, index) => index % PARTS === part);
}
