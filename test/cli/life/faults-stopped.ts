import { once } from 'node:events';
import { copyFileSync, truncateSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Fault } from './fault.ts';
import { database } from './fault.ts';
import { must } from './place.ts';

export const damagedDatabase: Fault = {
  name: 'the database is damaged',
  async make(place) {
    await must(place.here('stop'));
    const path = join(place.ocpHome, 'ocp.db');
    copyFileSync(path, `${place.folder}/ocp.db`);
    truncateSync(path, 8192);
    return () => copyFileSync(`${place.folder}/ocp.db`, path);
  },
  check: 'database_ok',
  level: 'FAIL',
  says: /ocp\.db is damaged/,
  also: ['service_running'],
  mend: 'hand',
};

export const newerDatabase: Fault = {
  name: 'the database is that of a newer OCP',
  make(place) {
    using file = new DatabaseSync(join(place.ocpHome, 'ocp.db'));
    const schema = Number(file.prepare('PRAGMA user_version').get()?.['user_version']);
    return database(place, 'PRAGMA user_version = 99', `PRAGMA user_version = ${schema}`);
  },
  check: 'database_ok',
  level: 'FAIL',
  says: /newer OCP: its schema is 99/,
  also: ['service_running'],
  mend: 'hand',
};

/** The server stands still since the damaged database; this puts it on the next port. */
export const takenPort: Fault = {
  name: 'another program has the port',
  async make({ setting }) {
    const squatter = createServer((socket) => socket.end('I am no OCP\n', () => socket.destroy()));
    squatter.listen(Number(setting('CLAUDE_PROXY_PORT')), '127.0.0.1');
    // It does not keep the test from ending.
    squatter.unref();
    await once(squatter, 'listening');
  },
  check: 'port_owner',
  level: 'FAIL',
  says: /the port \d+ is taken by /,
  mend: 'commands',
};
