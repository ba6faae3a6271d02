/** A value that satisfies a JSON Schema. */
export function satisfyingValue(_schema: unknown): unknown {
  return {};
}
