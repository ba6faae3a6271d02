import type { CommandIo } from '../command.ts';

export interface SpinnerTimes {
  /** Work that ends within this time shows nothing, ms. */
  readonly afterMs: number;
  /** Between two pictures, ms. */
  readonly everyMs: number;
}

const usual: SpinnerTimes = { afterMs: 700, everyMs: 100 };
const pictures = Array.from('⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏');
const wipe = '\r\u001b[K';

/**
 * Does the work, and tells on a terminal that something goes on where it takes long. What it wrote is gone when the work is
 * done. On a terminal without colours, which may know no cursor either, it is one line; in a pipe nothing.
 */
export async function withSpinner<T>(
  io: Pick<CommandIo, 'write' | 'terminal'>,
  text: string,
  work: () => Promise<T>,
  { afterMs, everyMs }: SpinnerTimes = usual,
): Promise<T> {
  const { terminal } = io;
  if (terminal === undefined) return work();
  let picture = 0;
  let isShown = false;
  const show = (): void => {
    if (!terminal.colours && isShown) return;
    isShown = true;
    picture = (picture + 1) % pictures.length;
    io.write(terminal.colours ? `${wipe}${pictures[picture] ?? ''} ${text} …` : `${text} …\n`);
  };
  let ticking: NodeJS.Timeout | undefined;
  const waiting = setTimeout(() => {
    show();
    ticking = setInterval(show, everyMs);
  }, afterMs);
  try {
    return await work();
  } finally {
    clearTimeout(waiting);
    clearInterval(ticking);
    if (isShown && terminal.colours) io.write(wipe);
  }
}
