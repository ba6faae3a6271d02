import { spawn } from 'node:child_process';
import type { CommandContext } from '../command.ts';
import { printJson } from '../output/json.ts';
import type { AskValues } from '../remote/options.ts';
import { remoteServer } from '../remote/server.ts';
import { healthAnswer } from './health.ts';

/** A program that has not failed by then shows the page, ms. */
const SHOWN_MS = 3000;

/** `ocp open`: the dashboard in the browser; where there is none, its address. */
export async function openDashboard(
  options: AskValues & { readonly print?: boolean },
  context: CommandContext,
): Promise<number> {
  const { io, env } = context;
  const remote = remoteServer(options, context);
  await remote.ask('/health', healthAnswer);
  const url = `${remote.url}/dashboard`;
  const program = options.print === true ? undefined : browserProgram(process.platform, env);
  const opened = program !== undefined && (await shows(program, url, env));
  if (options.json === true) printJson(io, { url, opened });
  else io.stdout(url);
  if (!opened && options.print !== true) io.stderr('ocp: no browser can be opened here; open the address in yours');
  return 0;
}

/** The program that opens pages on this machine; undefined where nobody would see it. */
export function browserProgram(
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (platform === 'darwin') return 'open';
  const hasScreen = [env['DISPLAY'], env['WAYLAND_DISPLAY']].some((name) => name !== undefined && name !== '');
  return hasScreen ? 'xdg-open' : undefined;
}

/** Starts the program, which outlives this command, and tells whether it could. */
async function shows(
  program: string,
  url: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<boolean> {
  const child = spawn(program, [url], { env, detached: true, stdio: 'ignore' });
  return new Promise((resolve) => {
    const settle = (isShown: boolean): void => {
      clearTimeout(timer);
      child.unref();
      resolve(isShown);
    };
    const timer = setTimeout(() => settle(true), SHOWN_MS);
    child.once('error', () => settle(false));
    child.once('exit', (code) => settle(code === 0));
  });
}
