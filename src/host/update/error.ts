/** Why an update or a rollback did not happen, in one line that says what to do; nothing is half done unless it says so. */
export class UpdateError extends Error {
  override readonly name = 'UpdateError';
}

/** The first line of what a program or the system says. */
export function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (
    text
      .split('\n')
      .find((line) => line.trim() !== '')
      ?.trim() ?? ''
  );
}
