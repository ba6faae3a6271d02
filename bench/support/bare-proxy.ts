import { createServer, request } from 'node:http';

/**
 * The least that a proxy can do, as a program: every request goes on to the server of the first argument, and its answer
 * back. Prints its own address.
 */
const target = new URL(process.argv[2] ?? '');

const server = createServer((incoming, outgoing) => {
  const { method, url, headers } = incoming;
  const { hostname, port } = target;
  const onward = request({ hostname, port, path: url, method, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  });
  onward.on('error', () => outgoing.destroy());
  incoming.pipe(onward);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) console.log(`http://127.0.0.1:${address.port}`);
});
