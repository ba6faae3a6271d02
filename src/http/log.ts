import type { DestinationStream, Logger } from 'pino';
import { pino } from 'pino';

export type Log = Logger;

/** The server's log: one JSON object a line with `ts`, `level` and `event`. Never headers, bodies or keys. */
export function createLog(write: (line: string) => void): Log {
  const destination: DestinationStream = { write: (line) => write(line.trimEnd()) };
  return pino(
    {
      base: null,
      messageKey: 'event',
      timestamp: () => `,"ts":"${new Date().toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
    },
    destination,
  );
}
