import { DatabaseSync } from 'node:sqlite';
import { workerData } from 'node:worker_threads';
import { answerWith } from '../../store/reading/answering.ts';
import { responseQuestions } from './questions.ts';

/** The thread that writes and reads large kept responses. */

/** How long a step waits for the database, ms. */
const BUSY_TIMEOUT_MS = 5000;

const { path } = workerData as { readonly path: string };
const database = new DatabaseSync(path, {
  timeout: BUSY_TIMEOUT_MS,
  enableForeignKeyConstraints: true,
  defensive: true,
});
database.exec('PRAGMA synchronous = NORMAL');
answerWith(responseQuestions(database));
