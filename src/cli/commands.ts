import type { Command } from './command.ts';
import { completionCommand } from './completion/completion.ts';
import { connectCommand } from './connect.ts';
import { demoCommand } from './demo.ts';
import { doctorCommand } from './doctor.ts';
import { keysCommand } from './keys/keys.ts';
import { auditCommand } from './look/audit.ts';
import { cacheCommand } from './look/cache.ts';
import { healthCommand } from './look/health.ts';
import { lanCommand } from './look/lan.ts';
import { logsCommand } from './look/logs.ts';
import { modelsCommand } from './look/models.ts';
import { openCommand } from './look/open.ts';
import { clearCommand, sessionsCommand } from './look/sessions.ts';
import { settingsCommand } from './look/settings.ts';
import { statusCommand } from './look/status.ts';
import { testCommand } from './look/test-turn.ts';
import { usageCommand } from './look/usage.ts';
import { profilesCommand } from './profiles.ts';
import { serveCommand } from './serve.ts';
import { restartCommand, startCommand, stopCommand } from './service/service-commands.ts';
import { setupCommand } from './setup/setup-command.ts';
import { uninstallCommand } from './uninstall.ts';
import { simulateCommand } from './simulate.ts';
import { syncCommand } from './sync.ts';
import { updateCommand } from './update/command.ts';

/** Every command of `ocp` by its name, in the order of its help. */
export const commands: Readonly<Record<string, Command>> = {
  setup: setupCommand,
  serve: serveCommand,
  start: startCommand,
  stop: stopCommand,
  restart: restartCommand,
  update: updateCommand,
  uninstall: uninstallCommand,
  demo: demoCommand,
  status: statusCommand,
  usage: usageCommand,
  health: healthCommand,
  test: testCommand,
  open: openCommand,
  lan: lanCommand,
  keys: keysCommand,
  connect: connectCommand,
  sync: syncCommand,
  profiles: profilesCommand,
  settings: settingsCommand,
  logs: logsCommand,
  models: modelsCommand,
  sessions: sessionsCommand,
  clear: clearCommand,
  cache: cacheCommand,
  audit: auditCommand,
  doctor: doctorCommand,
  simulate: simulateCommand,
  completion: completionCommand(() => commands),
};
