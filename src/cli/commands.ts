import type { Command } from './command.ts';
import { demoCommand } from './demo.ts';
import { profilesCommand } from './profiles.ts';
import { serveCommand } from './serve.ts';
import { simulateCommand } from './simulate.ts';

/** Every command of `ocp` by its name, in the order of its help. */
export const commands: Readonly<Record<string, Command>> = {
  serve: serveCommand,
  demo: demoCommand,
  profiles: profilesCommand,
  simulate: simulateCommand,
};
