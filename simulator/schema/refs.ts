import { isObject } from '../json.ts';

/** The schema that a local `$ref` names (`#`, `#/$defs/…`, any JSON pointer); false, which nothing satisfies, when there is none. */
export function resolveRef(ref: string, root: unknown): unknown {
  if (!ref.startsWith('#')) return false;
  let target: unknown = root;
  for (const step of ref.slice(1).split('/').slice(1)) {
    const key = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(target)) target = target[Number(key)];
    else if (isObject(target)) target = target[key];
    else return false;
  }
  return target ?? false;
}
