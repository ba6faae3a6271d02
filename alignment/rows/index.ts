import { behaviourRows } from './behaviour.ts';
import { commandLineRows } from './command-line.ts';
import { messageRows } from './messages.ts';
import type { Row } from './row.ts';
import { variableRows } from './variables.ts';

/** Everything of the CLI that OCP relies on. */
export const rows: readonly Row[] = [...commandLineRows, ...variableRows, ...messageRows, ...behaviourRows];
