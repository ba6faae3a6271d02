/** The value that the share `p` (0 to 1) of all values does not exceed: nearest rank. Raises RangeError for no values. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)];
  if (value === undefined) throw new RangeError('there is nothing to take a percentile of');
  return value;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** Nanoseconds to milliseconds. */
export function toMs(nanoseconds: bigint): number {
  return Number(nanoseconds) / 1e6;
}
