/** The SQL of the kept responses (responses.ts), by what each statement does. */
export const statements = {
  find: `
    SELECT r.chain_id, r.previous_id, r.bytes
    FROM responses r JOIN response_chains c ON c.id = r.chain_id
    WHERE r.id = ? AND c.owner = ? AND c.used_at > ?`,
  body: 'SELECT body FROM responses WHERE id = ?',
  items: 'SELECT body FROM response_items WHERE response_id = ? AND part = ? ORDER BY position',
  /** Clients choose ids of their own items: the newest one of that id counts. */
  itemById: `
    SELECT i.body
    FROM response_items i JOIN responses r ON r.id = i.response_id JOIN response_chains c ON c.id = r.chain_id
    WHERE i.item_id = ? AND c.owner = ? AND c.used_at > ?
    ORDER BY i.rowid DESC LIMIT 1`,
  itemBytes: `
    SELECT octet_length(i.body) AS bytes
    FROM response_items i JOIN responses r ON r.id = i.response_id JOIN response_chains c ON c.id = r.chain_id
    WHERE i.item_id = ? AND c.owner = ? AND c.used_at > ?
    ORDER BY i.rowid DESC LIMIT 1`,
  add: 'INSERT INTO responses (id, chain_id, previous_id, bytes, body) VALUES (?, ?, ?, ?, ?)',
  addItem: 'INSERT INTO response_items (response_id, part, position, item_id, body) VALUES (?, ?, ?, ?, ?)',
  addChain: 'INSERT INTO response_chains (owner, used_at, bytes) VALUES (?, ?, 0)',
  useChain: 'UPDATE response_chains SET used_at = ?, bytes = bytes + ? WHERE id = ?',
  shrinkChain: 'UPDATE response_chains SET bytes = bytes - ? WHERE id = ?',
  remove: 'DELETE FROM responses WHERE id = ?',
  /** Puts a response into another chain. */
  move: 'UPDATE responses SET chain_id = ?, bytes = ? WHERE id = ?',
  removeChain: 'DELETE FROM response_chains WHERE id = ?',
  disown: 'UPDATE response_chains SET owner = ?, used_at = ? WHERE owner = ?',
  disownOne: 'UPDATE response_chains SET owner = ? WHERE id = ?',
  chainOf: 'SELECT id FROM response_chains WHERE owner = ? LIMIT 1',
  oneOfChain: 'SELECT id FROM responses WHERE chain_id = ? LIMIT 1',
  removeItems: `
    DELETE FROM response_items
    WHERE rowid IN (SELECT rowid FROM response_items WHERE response_id = ? LIMIT ?)`,
  removeEmptyChain: `
    DELETE FROM response_chains
    WHERE id = ? AND NOT EXISTS (SELECT 1 FROM responses WHERE chain_id = ?)`,
  someOfChain: 'SELECT id, bytes FROM responses WHERE chain_id = ? LIMIT ?',
  owners: 'SELECT owner, sum(bytes) AS bytes FROM response_chains WHERE bytes > 0 GROUP BY owner',
  expired: 'SELECT id, owner FROM response_chains WHERE used_at <= ? LIMIT 1',
  leastUsed: 'SELECT id FROM response_chains WHERE owner = ? ORDER BY used_at LIMIT 1',
} as const;
