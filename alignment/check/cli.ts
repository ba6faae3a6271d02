import { cliVariables } from '../../src/config/cli-variables.ts';
import {
  accountVariables,
  cliCommands,
  cliQuestions,
  controlRequests,
  folderVariables,
  switchVariables,
  systemVariables,
  turnVariables,
  workerFlags,
} from '../../src/claude/cli-names.ts';
import type { Row } from '../rows/row.ts';
import { otherFiles, otherNames } from './elsewhere.ts';
import { namesIn } from './names.ts';

/** What the check of names looks at. */
export interface NameCheck {
  readonly rows: readonly Row[];
  /** Source files of src/claude by their names. */
  readonly files: ReadonlyMap<string, string>;
  /** Other sources in which a listed name may be used. */
  readonly users: string;
  /** Members of the messages that OCP writes. */
  readonly written: ReadonlySet<string>;
  /** What the tables of src/claude/cli-names.ts list, by kind. */
  readonly listed: Readonly<Record<'command' | 'flag' | 'variable' | 'request' | 'question', readonly string[]>>;
}

/** The tables as they are. */
export const listedNames: NameCheck['listed'] = {
  command: cliCommands,
  flag: workerFlags,
  variable: [
    ...new Set([
      'HOME',
      ...cliVariables,
      ...accountVariables,
      ...switchVariables,
      ...folderVariables,
      ...turnVariables,
    ]),
  ],
  request: controlRequests,
  question: cliQuestions,
};

/** What is wrong between the rows and the code, one line each; empty when they agree. */
export function nameProblems(check: NameCheck): readonly string[] {
  return [...rowsAgainstTables(check), ...codeWithoutRow(check), ...rowsWithoutCode(check), ...doubles(check.rows)];
}

function rowsAgainstTables({ rows, listed }: NameCheck): readonly string[] {
  return Object.entries(listed).flatMap(([kind, names]) => {
    const inRows = new Set(rows.filter((row) => row.kind === kind).map((row) => row.name));
    return [
      ...names.filter((name) => !inRows.has(name)).map((name) => `the ${kind} ${name} has no row`),
      ...[...inRows]
        .filter((name) => !names.includes(name))
        .map((name) => `no table of cli-names.ts has the ${kind} ${name}`),
    ];
  });
}

/** Names that are used in the code, by any of the ways in which a name can be seen, and stand in no row. */
function codeWithoutRow({ rows, files, written }: NameCheck): readonly string[] {
  const known = knownNames(rows);
  const isKnown = (name: string): boolean => known.has(name) || Object.hasOwn(otherNames, name);
  const problems: string[] = [];
  for (const [file, source] of files) {
    if (Object.hasOwn(otherFiles, file)) continue;
    const { flags, variables, words, members } = namesIn(source);
    const own = [...flags, ...words, ...readMembers(file, source, members)].filter((name) => !isKnown(name));
    const foreign = [...variables].filter((name) => !isKnown(name) && !isOfTheSystem(name, source));
    problems.push(...new Set([...own, ...foreign].map((name) => `${file} uses ${name}, which has no row`)));
  }
  problems.push(...[...written].filter((name) => !isKnown(name)).map((name) => `OCP writes ${name}, which has no row`));
  return problems;
}

/** The members of types count in the file of the message types only: elsewhere they are OCP's own. */
function readMembers(file: string, source: string, members: ReadonlySet<string>): readonly string[] {
  if (file === 'protocol.ts') return [...members];
  const untyped = namesIn(source.replaceAll(/^export interface \w+ \{.*?^\}/gmsu, '')).members;
  return [...untyped].filter((name) => members.has(name));
}

/** A constant of the file itself, or a variable of the system. */
function isOfTheSystem(name: string, source: string): boolean {
  return (systemVariables as readonly string[]).includes(name) || new RegExp(`\\bconst ${name}\\b`, 'u').test(source);
}

function rowsWithoutCode({ rows, files, users, written }: NameCheck): readonly string[] {
  const code = [...files]
    .filter(([file]) => file !== 'cli-names.ts')
    .map(([file, source]) =>
      file === 'protocol.ts' ? source.replaceAll(/^export interface \w+ \{.*?^\}/gmsu, '') : source,
    )
    .concat(users)
    .join('\n')
    .replaceAll(/\/\*.*?\*\//gsu, '');
  const tables = new Set<string>([...cliVariables, 'HOME']);
  const isUsed = (name: string): boolean =>
    written.has(name) || tables.has(name) || new RegExp(`(?<![\\w-])${escaped(name)}(?![\\w-])`, 'u').test(code);
  return rows
    .filter(({ kind }) => kind !== 'behaviour')
    .flatMap((row) => [...(row.kind === 'command' ? row.name.split(' ') : [row.name]), ...(row.fields ?? [])])
    .filter((name) => !isUsed(name))
    .map((name) => `a row has ${name}, which the code does not use`);
}

function doubles(rows: readonly Row[]): readonly string[] {
  const names = rows.map(({ kind, name }) => `${kind} ${name}`);
  return names.filter((name, at) => names.indexOf(name) !== at).map((name) => `two rows have the ${name}`);
}

function knownNames(rows: readonly Row[]): ReadonlySet<string> {
  return new Set(rows.flatMap((row) => [row.name, ...(row.fields ?? [])]));
}

function escaped(name: string): string {
  return name.replaceAll(/[$.*+?^()|[\]{}/]/gu, String.raw`\$&`);
}
