/** What `ocp logs` can be limited to. */
export const levels = ['error', 'warn', 'info', 'all'] as const;

export type Level = (typeof levels)[number];

/** The most lines that the server gives at once. */
export const MOST = 200;
