import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hrtime } from 'node:process';
import { clockToken } from '../../test/support/fake-claude/scenario.ts';

/**
 * A server that does nothing but answer each request with the time, as one streamed token: what is left of a measurement
 * when OCP is taken out of it. Runs as a program of its own and writes its address to stdout.
 */
const server = createServer((request, response) => {
  request.resume();
  request.once('end', () => {
    const received = hrtime.bigint();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const content = clockToken({ received, own: 0n, written: hrtime.bigint() });
    response.end(`data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\ndata: [DONE]\n\n`);
  });
});

server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
