import type { JsonSchema } from './json-schema.ts';
import { branchesOf, isOpen, minimal, openPlaces } from './json-schema.ts';

/** How large what is hostile about a body is. */
export interface Size {
  /** Items of a list, members of an object. */
  readonly values: number;
  /** Characters of a text. */
  readonly characters: number;
  /** Objects or arrays in one another. */
  readonly levels: number;
}

/** A body with one thing wrong with it, or too much of one thing. */
export interface HostileBody {
  /** Where, and what: `messages[].content = base64 that is none`. */
  readonly name: string;
  readonly make: () => unknown;
}

/** Every place of a schema in every shape that costs somebody something, each in a body that is otherwise plain. */
export function* hostileBodies(schema: JsonSchema, size: Size): Generator<HostileBody> {
  for (const { name, make } of hostileValues(schema, '', '', size, 0))
    yield { name: name === '' ? 'body' : name, make };
}

/** Those of which each differs from the others in its last member (of lists and objects, the last two) or in what is hostile there. */
export function distinct(bodies: Iterable<HostileBody>): readonly HostileBody[] {
  const byEnd = new Map<string, HostileBody>();
  for (const body of bodies) {
    const [path = '', ...what] = body.name.split(' ');
    const members = what[0] === '=' ? 1 : 2;
    const end = [path.split('.').slice(-members).join('.'), ...what].join(' ');
    if (!byEnd.has(end)) byEnd.set(end, body);
  }
  return [...byEnd.values()];
}

/** Deeper than this, places of open values repeat themselves. */
const DEEPEST = 8;

function* hostileValues(
  schema: JsonSchema,
  name: string,
  member: string,
  size: Size,
  depth: number,
): Generator<HostileBody> {
  if (depth > DEEPEST) return;
  const branches = branchesOf(schema);
  if (branches[0] !== schema) {
    for (const branch of branches) yield* hostileValues(branch, name, member, size, depth);
    return;
  }
  if (isOpen(schema)) {
    const inner = openPlaces[member] ?? [];
    for (const each of inner) yield* hostileValues(each, name, '', size, depth + 1);
    if (inner.length === 0) for (const [what, make] of objects(size)) yield { name: `${name} = ${what}`, make };
    return;
  }
  switch (schema.type) {
    case 'object':
      yield* hostileObjects(schema, name, size, depth);
      break;
    case 'array':
      yield* hostileLists(schema, name, member, size, depth);
      break;
    case 'string':
      for (const [what, make] of texts(size)) yield { name: `${name} = ${what}`, make };
      break;
    case 'integer':
    case 'number':
      for (const value of [1e308, -1, 2 ** 53, 0.5]) yield { name: `${name} = ${value}`, make: () => value };
      break;
    default:
      if (schema.const !== undefined || schema.enum !== undefined) {
        yield { name: `${name} = no choice, long`, make: () => 'x'.repeat(size.characters) };
      }
  }
}

function* hostileObjects(schema: JsonSchema, name: string, size: Size, depth: number): Generator<HostileBody> {
  const plain = minimal(schema) as Record<string, unknown>;
  for (const [key, member] of Object.entries(schema.properties ?? {})) {
    const path = name === '' ? key : `${name}.${key}`;
    for (const inner of hostileValues(member, path, key, size, depth + 1)) {
      yield { name: inner.name, make: () => ({ ...plain, [key]: inner.make() }) };
    }
  }
  for (const [what, make] of objects(size)) {
    yield { name: `${name} + ${what}`, make: () => ({ ...plain, ...(make() as object), ...plain }) };
  }
}

function* hostileLists(
  schema: JsonSchema,
  name: string,
  member: string,
  size: Size,
  depth: number,
): Generator<HostileBody> {
  const element = schema.items ?? {};
  const path = `${name}[]`;
  for (const inner of hostileValues(element, path, member, size, depth + 1)) {
    yield { name: inner.name, make: () => [inner.make()] };
  }
  const kinds = isOpen(element) ? (openPlaces[member] ?? [element]) : branchesOf(element);
  for (const [index, kind] of kinds.entries()) {
    for (const share of [1, 0.25]) {
      const count = Math.floor(size.values * share);
      yield { name: `${path} × ${count} of kind ${index}`, make: () => many(count, () => minimal(kind, member)) };
      yield {
        name: `${path} × ${count} of kind ${index}, each with its own name`,
        make: () => many(count, (each) => numbered(minimal(kind, member), each)),
      };
    }
  }
  const wrong: readonly (readonly [string, unknown])[] = [
    ['wrong numbers', 0],
    ['nulls', null],
    ['empty objects', {}],
    ['empty lists', []],
    ['empty texts', ''],
  ];
  for (const [what, value] of wrong) {
    yield { name: `${path} × ${size.values} ${what}`, make: () => many(size.values, () => value) };
  }
  yield {
    name: `${path} right at first, then wrong`,
    make: () => [minimal(element, member), ...many(size.values, () => 0)],
  };
}

/** Texts that are dear for whoever reads them with more than one look at a character. */
function texts({ characters, levels }: Size): readonly (readonly [string, () => string])[] {
  const fill = (piece: string): string => piece.repeat(Math.ceil(characters / piece.length));
  return [
    ['one letter, long', () => fill('a')],
    ['blank, long', () => fill(' ')],
    ['blank, then a letter', () => `${fill(' ')}a`],
    ['line breaks of all kinds', () => fill('\r\n\u2028\u0085')],
    ['base64 that is none', () => `data:image/png;base64,${fill('=')}!`],
    ['base64 with blanks', () => `data:image/png;base64,${fill('A \n')}`],
    ['base64 of a PDF', () => `JVBERi0x${fill('AAAA')}`],
    ['a data URI of parameters', () => `data:${fill(';')},x`],
    ['a data URI of percent signs', () => `data:text/plain,${fill('%20')}`],
    ['a data URI of halves', () => `data:text/plain,${fill('%')}`],
    ['an address, long', () => `https://example.org/${fill('a/../')}`],
    ['an address with a long host', () => `https://${fill('a.')}org`],
    ['names in one another', () => fill('a__')],
    ['no name at all', () => fill('!-')],
    ['halves of characters', () => fill('\ud800')],
    ['JSON, wide', () => `{"a":[${fill('{},')}0]}`],
    ['JSON, deep', () => `${'['.repeat(levels * 10)}${']'.repeat(levels * 10)}`],
    ['JSON, never closed', () => fill('{"a":[')],
    ['JSON, a string never closed', () => `{"a":"${fill('\\"')}`],
    ['reasoning that is wide', () => `ocp1.${Buffer.from(`{"type":[${fill('{},')}0]}`).toString('base64url')}`],
    ['a pattern', () => `^(${fill('a+')})+$`],
    ['digits', () => fill('9')],
    ['a header', () => fill('x: y\r\n')],
  ];
}

/** Objects that are dear for whoever looks at every member, follows references or runs patterns. */
function objects({ values, characters, levels }: Size): readonly (readonly [string, () => unknown])[] {
  const nest = (inner: unknown, wrap: (inner: unknown) => unknown): unknown => {
    let value = inner;
    for (let level = 0; level < levels; level += 1) value = wrap(value);
    return value;
  };
  const names = (make: (index: number) => unknown): object =>
    Object.fromEntries(many(values, (index) => [`k${index}`, make(index)]));
  const text = 'a'.repeat(characters);
  return [
    ['many members', () => names(() => 0)],
    ['many numbered members', () => Object.fromEntries(many(values, (index) => [String(index), 0]))],
    ['a long name', () => ({ [text]: 0 })],
    ['__proto__', () => JSON.parse('{"__proto__":{"type":"object"},"constructor":{"prototype":1}}') as unknown],
    ['deep objects', () => ({ a: nest(0, (inner) => ({ a: inner })) })],
    ['deep lists', () => ({ a: nest(0, (inner) => [inner]) })],
    [
      'a pattern over a name',
      () => ({
        type: 'object',
        properties: { [`${text.slice(0, 40)}!`]: { pattern: '^(a+)+$' } },
        patternProperties: { '^(a+)+$': {}, '(a|a)*$': {}, [`(${'\\p{L}'.repeat(values / 4)})`]: {} },
        propertyNames: { pattern: '^(a|aa)+$' },
      }),
    ],
    [
      'many patterns over many names',
      () => ({ type: 'object', properties: names(() => true), patternProperties: names(() => true) }),
    ],
    [
      'one place in many spellings',
      () => ({
        type: 'object',
        properties: Object.fromEntries(many(200, (index) => [`k${index}`, { $ref: spelling(index) }])),
        components: { aaaaaaaa: { description: text, enum: many(values / 4, String) } },
      }),
    ],
    [
      'references into one another',
      () => ({
        type: 'object',
        anyOf: many(levels, (depth) => ({ $ref: `#/components${'/not'.repeat(depth)}` })),
        components: nest({ description: text }, (inner) => ({ not: inner })),
      }),
    ],
    [
      'references in a diamond',
      () => ({
        type: 'object',
        $ref: '#/components/k0',
        components: names((index) => ({
          allOf: [{ $ref: `#/components/k${index + 1}` }, { $ref: `#/components/k${index + 1}` }],
        })),
      }),
    ],
    ['references in a circle', () => ({ type: 'object', properties: names(() => ({ $ref: '#' })) })],
    [
      'names for one long way',
      () => ({
        type: 'object',
        properties: { [text]: { properties: names((index) => ({ $anchor: `n${index}` })) } },
        anyOf: many(values, (index) => ({ $ref: `#n${index}` })),
      }),
    ],
    [
      'names that are taken',
      () => ({
        type: 'object',
        $defs: Object.fromEntries(many(values, (i) => [`schema${i}`, {}])),
        anyOf: many(values, (i) => ({ $ref: `#/x/${i}` })),
        x: many(values, () => ({})),
      }),
    ],
    ['a long choice', () => ({ type: 'object', enum: many(values, String), required: many(values, String) })],
    ['types in types', () => ({ type: 'object', properties: { a: { type: nest('x', (inner) => [inner, 'x']) } } })],
  ];
}

/** `aaaaaaaa` with the letters percent-encoded that the number's bits choose. */
function spelling(number: number): string {
  const letters = many(8, (bit) => ((number >> bit) % 2 === 1 ? '%61' : 'a'));
  return `#/components/${letters.join('')}`;
}

/** The value with its own number in every text that is a name. */
function numbered(value: unknown, number: number): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => {
      if (['id', 'name', 'call_id', 'tool_call_id', 'tool_use_id', 'tool_name'].includes(key))
        return [key, `n${number}`];
      return [key, key === 'function' || key === 'custom' ? numbered(member, number) : member];
    }),
  );
}

function many<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: Math.floor(count) }, (_, index) => make(index));
}
