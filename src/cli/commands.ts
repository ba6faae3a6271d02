import type { Command } from './command.ts';
import { connectCommand } from './connect.ts';
import { demoCommand } from './demo.ts';
import { profilesCommand } from './profiles.ts';
import { serveCommand } from './serve.ts';
import { restartCommand, startCommand, stopCommand } from './service/service-commands.ts';
import { simulateCommand } from './simulate.ts';

/** Every command of `ocp` by its name, in the order of its help. */
export const commands: Readonly<Record<string, Command>> = {
  serve: serveCommand,
  start: startCommand,
  stop: stopCommand,
  restart: restartCommand,
  demo: demoCommand,
  connect: connectCommand,
  profiles: profilesCommand,
  simulate: simulateCommand,
};
