import * as z from 'zod';

/**
 * How long the lists of a request may be: as the vendors document it, and where they say nothing, more than any client
 * sends. What a request costs to read is bounded by its bytes and values; these caps bound what one list can make OCP do besides,
 * and name the list to the client.
 */
export const caps = {
  /** Anthropic API reference, Messages: "There is a limit of 100,000 messages in a single request." */
  messages: 100_000,
  /** Blocks or parts of one content. */
  contentBlocks: 20_000,
  /** OpenAI API reference, Chat Completions: `tools` and `functions`. */
  chatTools: 128,
  /** Anthropic, "Tool search tool": the most tools of a catalogue. */
  tools: 10_000,
  /** Calls in one message. */
  calls: 1024,
  /** OpenAI takes 4; clients that were made for other servers send more. */
  chatStops: 16,
  stops: 1024,
  /** Characters of one stop sequence. */
  stopCharacters: 4096,
  /** OpenAI API reference, `metadata`: keys, and characters of a key and of a value. */
  metadataKeys: 16,
  metadataKeyCharacters: 64,
  metadataValueCharacters: 512,
  /** Entries of `include`. */
  include: 64,
  /** Stored items that one request may refer to (`item_reference`). */
  references: 1024,
  /** JSON values, and levels, in all the texts of one request that hold JSON themselves (a call's `arguments`). */
  valuesInTexts: 200_000,
  levels: 200,
} as const;

/** `metadata` as OpenAI takes it. */
export const metadata = z
  .object({})
  .catchall(z.string().max(caps.metadataValueCharacters))
  .check(({ value, issues }) => {
    const keys = Object.keys(value);
    const long = keys.find((key) => key.length > caps.metadataKeyCharacters);
    if (keys.length > caps.metadataKeys) {
      issues.push({ code: 'too_big', origin: 'object', maximum: caps.metadataKeys, input: value });
    } else if (long !== undefined) {
      const message = `a key may have at most ${caps.metadataKeyCharacters} characters`;
      issues.push({ code: 'custom', message, input: value });
    }
  });
