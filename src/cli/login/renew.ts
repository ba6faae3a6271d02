import { z } from 'zod';
import type { CommandContext } from '../command.ts';
import { CommandError } from '../command.ts';
import { locateServer } from '../remote/locate.ts';
import { RefusedError, UnreachableError } from '../remote/failure.ts';
import { remoteAt } from '../remote/server.ts';

const renewed = z.object({ profile: z.string() });

/** Has a server that runs on this machine take over a login that has changed; what came of it, for people. Never raises but for the signal. */
export async function renewAtServer(profile: string, context: CommandContext): Promise<readonly string[]> {
  const own = { ...context.env, OCP_PROXY_URL: undefined };
  try {
    const server = remoteAt(locateServer({}, own), context.io);
    await server.ask(`/api/profiles/${profile}/renew`, renewed, { method: 'POST', body: {} });
    return ['The running server uses it from the next request on.'];
  } catch (error) {
    context.io.signal.throwIfAborted();
    if (error instanceof UnreachableError) return ['No server runs; the next start uses it.'];
    if (error instanceof RefusedError || error instanceof CommandError) {
      return [`The running server was not told (${error.message}); ocp restart makes it use the login.`];
    }
    throw error;
  }
}
