import type { Random } from './random.ts';

/** Changes of a value's structure and of its text, each small; several of them make a request that nobody foresaw. */

const words = [
  '',
  ' ',
  'x',
  '\u0000',
  '\ud800',
  '\u{1f600}',
  '\u2028',
  '__proto__',
  'constructor',
  '-1',
  '1e999',
  'null',
  '[DONE]',
  'data:',
  'data:image/png;base64,====!',
  'data:text/plain,%',
  'https://[::1',
  'ocp1.e30',
  'calltooluX1',
  '/clear',
  '@/etc/passwd',
  '$ref',
  '#/$defs/a',
  '^(a+)+$',
  'x'.repeat(300),
  'a: b\r\nc: d',
  '../../etc',
  'resp_1',
  'claude-opus-4-6[1m]',
];

const values: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  0.5,
  1e308,
  2 ** 53,
  -0,
  [],
  {},
  [[]],
  [null],
  { type: 'x' },
  { a: { a: { a: {} } } },
];

/** Members that clients send and that are worth meeting where nobody expects them. */
const members = [
  'type',
  'role',
  'content',
  'name',
  'id',
  'call_id',
  'tool_use_id',
  'tools',
  'input',
  'text',
  'stream',
  'model',
  'cache_control',
  'n',
  'stop',
  'max_tokens',
  '__proto__',
  'toString',
  '$ref',
  'pattern',
  'patternProperties',
  'properties',
  'enum',
  'anyOf',
  'session_id',
  'previous_response_id',
  'background',
  'metadata',
];

/** The value with one change somewhere in it. */
export function mutated(value: unknown, random: Random): unknown {
  if (Array.isArray(value)) return mutatedList(value, random);
  if (typeof value === 'object' && value !== null) return mutatedObject(value as Record<string, unknown>, random);
  return leaf(value, random);
}

function leaf(value: unknown, random: Random): unknown {
  if (typeof value === 'string' && random.chance(0.5)) return mutatedText(value, random);
  if (typeof value === 'number' && random.chance(0.5)) return value * random.pick([-1, 0.5, 2, 1e6, 1e300]);
  return random.chance(0.5) ? random.pick(words) : random.pick(values);
}

function mutatedText(text: string, random: Random): string {
  const at = random.below(text.length + 1);
  switch (random.below(5)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + random.pick(words) + text.slice(at);
    case 2:
      return text.repeat(random.below(4));
    case 3:
      return text.toUpperCase();
    default:
      return `${text}${String.fromCharCode(random.below(0xffff))}`;
  }
}

function mutatedList(list: readonly unknown[], random: Random): unknown[] {
  const copy = [...list];
  const at = random.below(copy.length);
  const roll = random.below(10);
  if (copy.length === 0 || roll === 0) copy.push(random.pick(values));
  else if (roll === 1) copy.splice(at, 1);
  else if (roll === 2) copy.splice(at, 0, copy[random.below(copy.length)]);
  else if (roll === 3) copy.reverse();
  else if (roll === 4) copy.push(...Array.from({ length: random.below(40) }, () => copy[at]));
  else copy[at] = mutated(copy[at], random);
  return copy;
}

function mutatedObject(object: Readonly<Record<string, unknown>>, random: Random): unknown {
  const keys = Object.keys(object);
  const key = keys.length === 0 ? 'x' : random.pick(keys);
  const roll = random.below(12);
  const { [key]: member, ...others } = object;
  if (keys.length === 0 || roll === 0) return { ...object, [random.pick(members)]: random.pick(values) };
  if (roll === 1) return others;
  if (roll === 2) return { ...others, [random.pick(members)]: member };
  if (roll === 3) return { ...object, [random.pick(members)]: member };
  if (roll === 4) return { ...object, [key]: random.pick(values) };
  if (roll === 5) return { ...object, [key]: [member] };
  return { ...object, [key]: mutated(member, random) };
}

/** The bytes of a JSON text with one of them changed, some of them gone, or some of them twice. */
export function mutatedBytes(bytes: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length + 1);
  const to = Math.min(bytes.length, at + random.below(20));
  switch (random.below(5)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(to)]);
    case 2:
      return Buffer.concat([bytes.subarray(0, to), bytes.subarray(at)]);
    case 3:
      return Buffer.concat([bytes.subarray(0, at), Buffer.from([random.below(256)]), bytes.subarray(to)]);
    default:
      return Buffer.concat([bytes, bytes.subarray(at)]);
  }
}
