import { isDeepStrictEqual } from 'node:util';

/**
 * Whether two package-lock.json ask for the same packages. The version of OCP itself stands in both and changes with every
 * release, so their texts always differ.
 */
export function sameDependencies(one: string | undefined, other: string | undefined): boolean {
  const [left, right] = [packagesOf(one), packagesOf(other)];
  return left !== undefined && right !== undefined && isDeepStrictEqual(left, right);
}

function packagesOf(lockfile: string | undefined): unknown {
  const parsed = parseObject(lockfile);
  const packages = parsed?.['packages'];
  if (!isObject(packages)) return undefined;
  const { '': own, ...others } = packages;
  if (!isObject(own)) return undefined;
  const kinds = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];
  return [others, kinds.map((kind) => own[kind])];
}

function parseObject(text: string | undefined): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
