import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * The least that can stand between a client and a CLI: a server that writes each request's last message to the one process
 * that it keeps, and each piece of text that comes back to the client. It checks, limits and records nothing. What is
 * measured with it is the way through the sockets, the pipes and the scripted CLI, which no bridge is spared.
 */
const [program = '', ...args] = process.argv.slice(2);
const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
let onLine: (line: string) => void = () => {};
let rest = '';
child.stdout.setEncoding('utf8');
child.stdout.on('data', (chunk: string) => {
  const lines = (rest + chunk).split('\n');
  rest = lines.pop() ?? '';
  for (const line of lines) onLine(line);
});

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.once('end', () => {
    const { messages } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { messages: readonly object[] };
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    onLine = (line) => {
      const { type, event } = JSON.parse(line) as { type: string; event?: { delta?: { text?: string } } };
      const content = event?.delta?.text;
      if (content !== undefined) response.write(`data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`);
      if (type === 'result') response.end('data: [DONE]\n\n');
    };
    child.stdin.write(`${JSON.stringify({ type: 'user', message: messages.at(-1), parent_tool_use_id: null })}\n`);
  });
});

server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
process.once('SIGTERM', () => {
  child.kill('SIGKILL');
  process.exit(0);
});
