import type { Path, Setting } from '../../edit/settings.ts';
import { isRecord, ourSettings, valueAt } from '../../edit/settings.ts';

/** How OCP's models are named in lists that hold others as well. */
export function labelOf(name: string): string {
  return `${name} (OCP)`;
}

/** An entry of such a list; its first member is the one that names it. */
export type LabelledEntry = Readonly<Record<string, unknown>>;

/**
 * The settings by which a list holds these entries, the first before all others where `isFirst`. What a user added to one
 * stays; entries of OCP that are not among them any more go.
 */
export function labelledList(
  present: unknown,
  path: Path,
  by: string,
  entries: readonly LabelledEntry[],
  isFirst: boolean,
): readonly Setting[] {
  const labels = new Set(entries.map((entry) => entry[by]));
  const list = valueAt(present, path);
  const stale = (Array.isArray(list) ? (list as readonly unknown[]) : []).flatMap((entry) => {
    const label = isRecord(entry) ? entry[by] : undefined;
    return typeof label === 'string' && label.endsWith(labelOf('')) && !labels.has(label) ? [label] : [];
  });
  const step = (is: string): Path => [...path, { by, is, ...(isFirst ? { first: true as const } : {}) }];
  // Each new one is put before those that are there.
  const order = isFirst ? entries.toReversed() : entries;
  return [
    ...order.flatMap((entry) => ourSettings(step(String(entry[by])), entry)),
    ...stale.map((label) => ({ path: step(label), value: undefined, ours: path.length + 1 })),
  ];
}

/** The main model first, then the others in the server's order. */
export function mainFirst<T extends { readonly id: string }>(models: readonly T[], main: T): readonly T[] {
  return [main, ...models.filter(({ id }) => id !== main.id)];
}
