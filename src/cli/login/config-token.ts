import { DEFAULT_PROFILE } from '../../claude/stored-login.ts';
import { readConfigFile, writeConfigFile } from '../../config/config-file.ts';
import { ConfigError } from '../../config/error.ts';
import type { CommandIo } from '../command.ts';

const TOKEN = 'CLAUDE_CODE_OAUTH_TOKEN';

/** Takes an earlier token of the operator out of config.json, where a new login would have to compete with it. */
export function moveTokenOfConfig(profile: string, home: string, io: Pick<CommandIo, 'stdout'>): void {
  if (profile !== DEFAULT_PROFILE) return;
  try {
    const file = readConfigFile(home);
    if (file[TOKEN] === undefined) return;
    writeConfigFile(home, Object.fromEntries(Object.entries(file).filter(([name]) => name !== TOKEN)));
    io.stdout(`${TOKEN} is removed from config.json: the new login takes its place.`);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
  }
}
