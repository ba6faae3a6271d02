import type { Progress } from '../../host/update/host.ts';
import type { CommandIo } from '../command.ts';
import { painter } from '../output/paint.ts';
import { withSpinner } from '../output/spinner.ts';

/** Steps as the user sees them: on a terminal a spinner and a tick for each, elsewhere a line when it begins. */
export interface StepDisplay extends Progress {
  /** The last step is over; `ok` when it did what it had to. */
  end(ok: boolean): Promise<void>;
}

export function stepDisplay(io: Pick<CommandIo, 'stdout' | 'write' | 'terminal'>): StepDisplay {
  const paint = painter(io);
  let present: { readonly text: string; readonly stop: () => Promise<void> } | undefined;

  const begin = (text: string): void => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const spinning = withSpinner(io, text, async () => promise);
    present = {
      text,
      async stop() {
        resolve();
        await spinning;
      },
    };
  };
  const end = async (ok: boolean): Promise<void> => {
    const ending = present;
    present = undefined;
    await ending?.stop();
    if (ending === undefined || io.terminal === undefined) return;
    io.stdout(`${ok ? paint('green', '✓') : paint('red', '✗')} ${ending.text}`);
  };
  return {
    end,
    async step(text) {
      await end(true);
      if (io.terminal === undefined) io.stdout(`${text} …`);
      begin(text);
    },
    async note(text) {
      const interrupted = present?.text;
      await present?.stop();
      io.stdout(text);
      if (interrupted !== undefined) begin(interrupted);
    },
  };
}
