import { isRecord } from './settings.ts';

const widest = 80;

/** JSON as people write it: short lists and small objects of a list on one line; everything on one line without an indentation. */
export function jsonText(value: unknown, indent?: string): string {
  return render(value, indent, '');
}

function render(value: unknown, indent: string | undefined, margin: string): string {
  if (!Array.isArray(value) && !isRecord(value)) return JSON.stringify(value);
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  const isFlat = indent === undefined || (Array.isArray(value) && value.every((entry) => typeof entry !== 'object'));
  const items = (inner: string): readonly string[] =>
    Array.isArray(value)
      ? value.map((entry: unknown) => render(entry, isFlat ? undefined : indent, inner))
      : Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}: ${render(member, indent, inner)}`);
  if (isFlat) {
    const line = items('').join(', ');
    const flat = line === '' || Array.isArray(value) ? `${open}${line}${close}` : `${open} ${line} ${close}`;
    if (indent === undefined || flat.length <= widest) return flat;
  }
  const inner = margin + (indent ?? '');
  const lines = Array.isArray(value) ? value.map((entry: unknown) => render(entry, indent, inner)) : items(inner);
  return lines.length === 0 ? open + close : `${open}\n${inner}${lines.join(`,\n${inner}`)}\n${margin}${close}`;
}
