/** The first wait after a probe that failed, ms; each further one is twice as long, up to the longest. */
const FIRST_WAIT_MS = 5000;
const LONGEST_WAIT_MS = 300_000;

export interface CliWatchOptions {
  /** Tries the CLI for the nth time, from 0; resolves with what is wrong, undefined when nothing is. */
  readonly probe: (nth: number) => Promise<string | undefined>;
  /** Told after each try. */
  readonly onFound: (problem: string | undefined) => void;
  /** Instead of the usual first wait, ms; for tests. */
  readonly firstWaitMs?: number;
}

export interface CliWatch {
  /** Resolves after the first try. */
  readonly first: Promise<void>;
  stop(): void;
}

/**
 * Tries the CLI until it works once. A machine that has just started can be too busy for it, and a CLI can be repaired or
 * updated at its place: neither needs anybody who starts OCP again.
 */
export function watchCli({ probe, onFound, firstWaitMs = FIRST_WAIT_MS }: CliWatchOptions): CliWatch {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const attempt = async (nth: number): Promise<void> => {
    const problem = await probe(nth);
    if (isStopped) return;
    onFound(problem);
    if (problem === undefined) return;
    timer = setTimeout(() => void attempt(nth + 1), Math.min(firstWaitMs * 2 ** nth, LONGEST_WAIT_MS));
    timer.unref();
  };
  return {
    first: attempt(0),
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
