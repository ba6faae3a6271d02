import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { runProgram } from '../../../src/host/run.ts';
import { serviceNotifier } from '../../../src/host/service/notify.ts';
import { temporaryFolder } from '../../support/temporary.ts';

/** Stands for systemd: prints what it is told, and closes the file by which the sender waits for it to be read. */
const listener = `
import os, socket, sys
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(sys.argv[1])
print("listening", flush=True)
while True:
    data, fds, _, _ = socket.recv_fds(receiver, 4096, 4)
    for fd in fds: os.close(fd)
    for line in data.decode().split("\\n"): print(line, flush=True)
`;

const missing = (['systemd-notify', 'python3'] as const).find((name) => spawnSync(name, ['--version']).status !== 0);

test(
  'systemd is told when the server listens, that it is alive, and when it stops',
  { skip: missing === undefined ? false : `${missing} is missing` },
  async (t) => {
    const socket = join(temporaryFolder(t), 'notify');
    const python = spawn('python3', ['-c', listener, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
    t.after(() => python.kill());
    const lines = createInterface({ input: python.stdout });
    const heard: string[] = [];
    lines.on('line', (line) => heard.push(line));
    const hear = async (wanted: string): Promise<void> => {
      while (!heard.includes(wanted)) await once(lines, 'line');
    };
    await hear('listening');
    const env = { PATH: process.env['PATH'], NOTIFY_SOCKET: socket, WATCHDOG_USEC: '400000' };
    const notifier = serviceNotifier(env, runProgram);
    await notifier.ready('listening on port 3456');
    await hear('READY=1');
    await hear('STATUS=listening on port 3456');
    await hear('WATCHDOG=1');
    await notifier.stopping();
    await hear('STOPPING=1');
  },
);

test('nobody is told where systemd did not start the server', async () => {
  const notifier = serviceNotifier({ WATCHDOG_USEC: '400000' }, async () => assert.fail('a program was run'));
  await notifier.ready('listening');
  await notifier.stopping();
});
