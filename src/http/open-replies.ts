import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import { Server as NetServer } from 'node:net';

/** The replies that are not yet with their readers, so that stopping cuts none of them off. */
export interface OpenReplies {
  /** Takes no new connections; those with a reply stay, and close with it. */
  stopListening(): void;
  /** Resolves when every reply has been taken by the system, or the signal is aborted. */
  delivered(deadline: AbortSignal): Promise<void>;
}

/** Watches the replies of a server. */
export function watchReplies(server: Server): OpenReplies {
  const open = new Set<ServerResponse>();
  let isStopping = false;
  server.prependListener('request', (_request, response: ServerResponse) => {
    open.add(response);
    if (isStopping) response.shouldKeepAlive = false;
    response.once('close', () => open.delete(response));
  });
  return {
    stopListening() {
      isStopping = true;
      for (const response of open) if (!response.headersSent) response.shouldKeepAlive = false;
      // The close of an HTTP server also ends connections whose reply is written but still on its way.
      NetServer.prototype.close.call(server);
    },
    async delivered(deadline) {
      while (open.size > 0 && !deadline.aborted) {
        const [some] = open;
        await once(some as ServerResponse, 'close', { signal: deadline }).catch(() => {});
      }
    },
  };
}
