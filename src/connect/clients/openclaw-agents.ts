import { existsSync, readdirSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { formats } from '../../edit/formats.ts';
import { contentOf } from '../../edit/restore.ts';
import { EditError, isRecord, valueAt } from '../../edit/settings.ts';
import { findFile, textOf } from '../files/write.ts';

const profilesFile = 'auth-profiles.json';

/**
 * The files of keys of OpenClaw's agents, where this version of OpenClaw reads them: newer ones have a database, and take such
 * a file for one that must be moved into it first.
 */
export function agentProfiles(folder: string, config: string): readonly string[] {
  const agents = join(folder, 'agents');
  const names = existsSync(agents) ? readdirSync(agents) : [];
  const homes = [...names.map((name) => join(agents, name, 'agent')), ...ownFolders(config, agents)];
  const isNew =
    existsSync(join(folder, 'state', 'openclaw.sqlite')) ||
    homes.some((home) => existsSync(join(home, 'openclaw-agent.sqlite')));
  if (isNew) return [];
  const isRead = homes.some((home) => existsSync(join(home, profilesFile)));
  return isRead ? [...new Set(homes)].filter((home) => existsSync(home)).map((home) => join(home, profilesFile)) : [];
}

/** Folders that the configuration gives to single agents. */
function ownFolders(config: string, agents: string): readonly string[] {
  const list = valueAt(read(config), ['agents', 'list']);
  return (Array.isArray(list) ? (list as readonly unknown[]) : []).flatMap((agent) => {
    if (!isRecord(agent)) return [];
    const { agentDir, id } = agent;
    if (typeof agentDir === 'string' && isAbsolute(agentDir)) return [agentDir];
    return typeof id === 'string' && /^[\w-]+$/u.test(id) ? [join(agents, id, 'agent')] : [];
  });
}

function read(config: string): unknown {
  try {
    const { bytes } = findFile(config);
    return bytes === undefined ? undefined : contentOf(formats.json5, textOf(bytes));
  } catch (error) {
    if (!(error instanceof EditError)) throw error;
    return undefined;
  }
}
