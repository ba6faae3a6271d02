import { spawn } from 'node:child_process';
import { CommandError } from '../command.ts';

/** Runs the CLI in this terminal as if it had been typed; OCP sees nothing of it. Raises CommandError where it fails. */
export async function runVisibly(
  claude: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const child = spawn(claude, args, { env: { ...env, ...terminalOf() }, stdio: 'inherit' });
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', resolve);
  });
  if (code !== 0) throw new CommandError(`claude ${args.join(' ')} did not succeed`);
}

/** What a program needs to draw in this terminal and to open a browser. */
function terminalOf(): Record<string, string> {
  const names = [
    'TERM',
    'COLORTERM',
    'DISPLAY',
    'WAYLAND_DISPLAY',
    'BROWSER',
    'SSH_CONNECTION',
    'SSH_TTY',
    'DBUS_SESSION_BUS_ADDRESS',
  ];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}
