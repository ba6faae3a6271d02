import type { Command } from './command.ts';
import { completionCommand } from './completion/completion.ts';
import { connectCommand } from './connect-command.ts';
import { demoCommand } from './demo-command.ts';
import { doctorCommand } from './doctor-command.ts';
import { keysCommand } from './keys/keys-command.ts';
import { auditCommand } from './look/audit-command.ts';
import { backupCommand, restoreCommand } from './backup/backup-command.ts';
import { cacheCommand } from './look/cache-command.ts';
import { healthCommand } from './look/health-command.ts';
import { lanCommand } from './look/lan-command.ts';
import { logsCommand } from './look/logs-command.ts';
import { modelsCommand } from './look/models-command.ts';
import { openCommand } from './look/open-command.ts';
import { clearCommand, sessionsCommand } from './look/sessions-command.ts';
import { settingsCommand } from './look/settings-command.ts';
import { statusCommand } from './look/status-command.ts';
import { testCommand } from './look/test-turn-command.ts';
import { usageCommand } from './look/usage-command.ts';
import { loginCommand } from './login/login-command.ts';
import { profilesCommand } from './profiles-command.ts';
import { serveCommand } from './serve-command.ts';
import { restartCommand, startCommand, stopCommand } from './service/service-commands.ts';
import { setupCommand } from './setup/setup-command.ts';
import { uninstallCommand } from './uninstall-command.ts';
import { simulateCommand } from './simulate.ts';
import { syncCommand } from './sync-command.ts';
import { updateCommand } from './update/command.ts';

/**
 * Every command of `ocp` by its name, in the order of its help. Only definitions: what a command does is loaded when it runs,
 * so that help, completions and small commands start at once.
 */
export const commands: Readonly<Record<string, Command>> = {
  setup: setupCommand,
  serve: serveCommand,
  start: startCommand,
  stop: stopCommand,
  restart: restartCommand,
  update: updateCommand,
  backup: backupCommand,
  restore: restoreCommand,
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
  login: loginCommand,
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
