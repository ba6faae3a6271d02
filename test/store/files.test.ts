import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { openStore } from '../../src/store/database.ts';
import { StoreError } from '../../src/store/error.ts';

test(
  'a home that the system refuses is one clear error, not an endless try',
  { skip: !existsSync('/proc/self') },
  async () => {
    await assert.rejects(openStore('/proc/nothing/here'), StoreError);
  },
);
