/** Why connecting cannot go on, in one line for the user. */
export class ConnectError extends Error {
  override readonly name = 'ConnectError';
}
