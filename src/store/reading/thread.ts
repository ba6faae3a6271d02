import { DatabaseSync } from 'node:sqlite';
import { workerData } from 'node:worker_threads';
import { answerWith } from './answering.ts';
import { questionsOn } from './questions.ts';

/** The thread that answers questions about many rows, on a connection of its own that cannot write. */

/** How long a read waits for the database, ms. */
const BUSY_TIMEOUT_MS = 2000;

const { path } = workerData as { readonly path: string };
answerWith(questionsOn(new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS })));
