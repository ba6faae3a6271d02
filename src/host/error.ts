/** Something on the operator's machine did not work: one line that says what, and what to do. */
export class HostError extends Error {
  override readonly name = 'HostError';
}
