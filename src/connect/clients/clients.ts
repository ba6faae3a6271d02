import type { FileClient, HintedClient } from './client.ts';
import { openCode } from './opencode.ts';

/** Clients whose configuration is a file, in the order in which they are asked about. */
export const fileClients: readonly FileClient[] = [openCode];

/** Clients that can only be told about. */
export const hintedClients: readonly HintedClient[] = [];
