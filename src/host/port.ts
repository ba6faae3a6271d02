import { createServer } from 'node:net';

/** Why a port cannot be listened on: the system's code such as `EADDRINUSE`; undefined when it can. */
export async function portProblem(address: string, port: number): Promise<string | undefined> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown error'));
    server.listen({ host: address, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

/** The first port from the given one on that can be listened on; undefined when none of the next hundred can. */
export async function freePortFrom(address: string, first: number): Promise<number | undefined> {
  for (let port = first; port < first + 100 && port <= 65_535; port += 1) {
    if ((await portProblem(address, port)) === undefined) return port;
  }
  return undefined;
}
