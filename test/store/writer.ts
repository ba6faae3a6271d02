import { packItems } from '../../src/wire/openai-responses/packed-items.ts';
import { writeSync } from 'node:fs';
import { openStore } from '../../src/store/database.ts';
import { ResponseStore } from '../../src/store/responses.ts';

/**
 * A process that keeps responses in the database of the folder given, one chain of each two, until it is killed; it tells
 * the number of each one that is kept.
 */
const store = await openStore(process.argv[2] ?? '');
const responses = new ResponseStore({
  database: store.quick,
  ttlMs: () => Number.MAX_SAFE_INTEGER,
  maxBytes: Number.MAX_SAFE_INTEGER,
  maxHistoryBytes: Number.MAX_SAFE_INTEGER,
  now: Date.now,
  onError: (error) => {
    throw error;
  },
});
for (let number = Number(process.argv[3]); ; number += 1) {
  const items = Array.from({ length: 20 }, (_, index) => ({
    id: `i${number}-${index}`,
    text: 'x'.repeat(number % 5000),
  }));
  responses.save('owner', {
    id: `r${number}`,
    previousId: number % 2 === 1 ? `r${number - 1}` : undefined,
    body: { id: `r${number}` },
    input: packItems(items),
    output: items,
  });
  writeSync(1, `${number}\n`);
}
