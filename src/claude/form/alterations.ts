/** Something that the CLI does not pass on as it is, and what OCP does about it. */
export interface Alteration {
  /** Of a request. */
  readonly what: string;
  /** What the CLI does with it, seen by comparing what it was told with what it sent. */
  readonly cli: string;
  /** `mapped`: sent otherwise, and mapped back. `named`: in `x-ocp-ignored`. `refused`: a 400. `avoided`: never told so. */
  readonly ocp: 'mapped' | 'named' | 'refused' | 'avoided';
  readonly how: string;
  /** The contract test of the CLI alone that proves it (alignment/contract/alterations.test.ts). */
  readonly test: string;
}

/** Everything that the CLI is known to alter. A test holds each row; one that finds more is a row that is missing. */
export const alterations: readonly Alteration[] = [
  {
    what: 'Texts in tools: names, keys, allowed values, descriptions',
    cli: 'replaces compatibility forms (`m²` by `m2`) and takes invisible characters out',
    ocp: 'mapped',
    how: 'names, keys and allowed values come back as they were; descriptions and other words are named',
    test: 'cleans every text of a tool as OCP foresees',
  },
  {
    what: 'Properties at the top of a schema outside `^[a-zA-Z0-9_.-]{1,64}$`',
    cli: 'leaves out the tool',
    ocp: 'mapped',
    how: 'under another name, in definitions, calls, forced calls, structured answers and the history alike',
    test: 'leaves out a tool with a property that the API does not take',
  },
  {
    what: 'A property named `__proto__`',
    cli: 'loses it',
    ocp: 'mapped',
    how: 'under another name',
    test: 'loses a property named __proto__',
  },
  {
    what: 'Names of tools that are too long, or its own (`ToolSearch`, `StructuredOutput`)',
    cli: 'leaves out the tool',
    ocp: 'mapped',
    how: 'as are names with dots, spaces or other characters that the API refuses; on Messages those are refused, as there',
    test: 'leaves out a tool whose name is too long',
  },
  {
    what: 'A schema that is not of draft 2020-12',
    cli: 'leaves out the tool, in some cases all tools',
    ocp: 'refused',
    how: 'before a worker is used, with the tool and the place',
    test: 'leaves out a tool whose schema is not of the draft',
  },
  {
    what: '`anyOf`, `oneOf`, `allOf` at the top of a tool’s schema',
    cli: 'makes one list of properties of them, none required',
    ocp: 'named',
    how: 'the API takes none at all',
    test: 'joins what a schema combines at its top',
  },
  {
    what: 'Ids of calls: one used twice, or `X` beside `X_1`',
    cli: 'drops a call, or replaces its result',
    ocp: 'mapped',
    how: 'to ids of OCP’s own, the same for the same conversation; calls and results are paired by place',
    test: 'replaces a result where one id looks like a repeat of another',
  },
  {
    what: 'Images in user messages over 2000 pixels on a side, or over 500 KiB',
    cli: 'makes them smaller, and writes a note beside them',
    ocp: 'named',
    how: 'images in the results of tools go in whole',
    test: 'makes large images smaller, and none that is not',
  },
  {
    what: 'Images that are none',
    cli: 'puts a text in their place',
    ocp: 'refused',
    how: '`invalid_image`, with the place',
    test: 'puts a text in the place of what is no image',
  },
  {
    what: 'Results of tools that a worker waits for: blank ones, failed ones that begin or end with white space, large images',
    cli: 'puts words in their place, trims them, makes them smaller',
    ocp: 'avoided',
    how: 'such results are written as history, in another worker',
    test: 'changes blank results, and the ends of failed ones, that it fetches itself',
  },
  {
    what: 'Numbers that a double does not hold: more than 17 digits, `-0`, `1e400`',
    cli: 'sends the nearest double, `0`, or null',
    ocp: 'named',
    how: 'by their place, in the arguments of calls too; bounds of a schema beyond 1.8e308 are refused',
    test: 'reads numbers as doubles, and the last of two members of one name',
  },
  {
    what: 'Two members of one name in an object',
    cli: 'keeps the last',
    ocp: 'avoided',
    how: 'OCP itself reads the last, as the vendors do; pieces of a call are passed on as the model wrote them',
    test: 'reads numbers as doubles, and the last of two members of one name',
  },
];
