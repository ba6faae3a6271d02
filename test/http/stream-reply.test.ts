import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { after, before, suite, test } from 'node:test';
import * as fc from 'fast-check';
import { replyWithStream } from '../../src/http/stream-reply.ts';
import type { StreamEvent } from '../../src/wire/anthropic/events.ts';

const event: StreamEvent = { type: 'message_stop' };

suite('a streamed reply', () => {
  let pieces: readonly string[] = [];
  const server = createServer((request, response) => {
    request.resume();
    const left = [...pieces];
    const encoder = {
      event: () => left.shift() ?? '',
      end: () => `end of ${request.url}`,
      error: (error: Error) => `failed: ${error.message}`,
      ping: () => ': ping\n\n',
    };
    void replyWithStream(response, events(pieces.length), encoder, { headers: {}, heartbeatMs: 0, slowReaderMs: 1000 });
  });
  let port = 0;
  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  test('holds every piece, whatever its characters', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { maxLength: 20 }), async (some) => {
        pieces = some;
        const response = await fetch(`http://127.0.0.1:${port}/any`);
        assert.equal(await response.text(), `${some.join('')}end of /any`);
      }),
      { numRuns: 50 },
    );
  });

  test('has no chunks for a client of HTTP/1.0', async () => {
    pieces = ['one ', 'zwei ', 'três '];
    const reply = await exchange('GET /old HTTP/1.0\r\n\r\n');
    assert.match(reply, /^HTTP\/1\.1 200 OK\r\n/u);
    assert.ok(reply.endsWith('\r\n\r\none zwei três end of /old'), reply);
  });

  test('waits for its turn on a connection with several requests', async () => {
    pieces = ['one ', 'zwei ', 'três '];
    const request = 'GET /first HTTP/1.1\r\nHost: x\r\n\r\nGET /second HTTP/1.1\r\nHost: x\r\n\r\n';
    const reply = await exchange(request, '/second\r\n0\r\n\r\n');
    const bodies = reply.split(/HTTP\/1\.1 200 OK\r\n/u).slice(1);
    assert.deepEqual(bodies.map(unchunked), ['one zwei três end of /first', 'one zwei três end of /second']);
  });

  /** Sends a request; what comes until `end`, or until the connection is closed. */
  async function exchange(request: string, end?: string): Promise<string> {
    const socket = connect(port, '127.0.0.1');
    socket.setEncoding('utf8');
    socket.write(request);
    let reply = '';
    for await (const text of socket) {
      reply += String(text);
      if (end !== undefined && reply.endsWith(end)) break;
    }
    return reply;
  }
});

/** Reads a body as RFC 9112, section 7.1, has it. */
function unchunked(reply: string): string {
  let rest = Buffer.from(reply.slice(reply.indexOf('\r\n\r\n') + 4));
  let body = '';
  for (;;) {
    const end = rest.indexOf('\r\n');
    const size = Number.parseInt(rest.subarray(0, end).toString(), 16);
    const from = end + 2;
    if (size === 0) return body;
    assert.equal(rest.subarray(from + size, from + size + 2).toString(), '\r\n');
    body += rest.subarray(from, from + size).toString();
    rest = rest.subarray(from + size + 2);
  }
}

async function* events(count: number): AsyncGenerator<StreamEvent, void> {
  for (let index = 0; index < count; index += 1) {
    await new Promise(setImmediate);
    yield event;
  }
}
