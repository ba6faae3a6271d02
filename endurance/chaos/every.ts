import { brokenClis } from './broken-clis.ts';
import { cleanedFolder } from './cleaned-folder.ts';
import { damagedDatabase, fullDisk, lockedDatabase, readOnlyDisk } from './database.ts';
import { killedServer } from './killed-server.ts';
import { killedWorkers } from './killed-workers.ts';
import { movedClock } from './moved-clock.ts';
import { openFiles } from './open-files.ts';
import type { Chaos } from './scenario.ts';

/** Every kind of trouble, in the order in which they run. */
export const everyChaos: readonly Chaos[] = [
  killedWorkers,
  killedServer,
  brokenClis,
  cleanedFolder,
  openFiles,
  movedClock,
  lockedDatabase,
  damagedDatabase,
  fullDisk,
  readOnlyDisk,
];
