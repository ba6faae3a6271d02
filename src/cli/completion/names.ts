import type { CommandContext, KnownNames } from '../command.ts';
import { keyList } from '../keys/key-answers.ts';
import { modelList } from '../look/models.ts';
import type { Remote } from '../remote/server.ts';
import { remoteServer } from '../remote/server.ts';

/** Whoever waits for a completion does not wait for a server, ms. */
const ANSWER_MS = 1000;

/** What the running server knows, as single words of a shell; nothing where it does not answer at once. */
export async function namesOf(kind: KnownNames, { env, io }: CommandContext): Promise<readonly string[]> {
  try {
    // Nothing is shown of the waiting.
    const names = await ask(kind, remoteServer({}, { env, io: { ...io, terminal: undefined } }));
    return [...new Set(names)].filter((name) => /^[\w.:@/+-]+$/u.test(name));
  } catch {
    return [];
  }
}

async function ask(kind: KnownNames, remote: Remote): Promise<readonly string[]> {
  const options = { timeoutMs: ANSWER_MS };
  if (kind === 'models') return (await remote.ask('/v1/models', modelList, options)).data.data.map(({ id }) => id);
  const { keys } = (await remote.ask('/api/keys', keyList, options)).data;
  return keys.filter(({ revoked }) => revoked === 0).map(({ name }) => name);
}
