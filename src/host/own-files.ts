import { lstatSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { databasePath } from '../store/files.ts';
import type { Step } from './steps.ts';

/** What OCP writes into its home, besides the database. */
const own =
  /^(?:config\.json|admin-key|login\.json|backup\.json|server\.json|backups|background\.(?:json|pid)|logs|work|profiles|connect\.json|connect-backups|update\.(?:json|lock)|upgrade-snapshot-.+)$/u;

/** What an OCP's home holds, by whose it is. */
export interface HomeContent {
  readonly own: readonly string[];
  /** What somebody else put there, such as the database of the product before OCP. */
  readonly foreign: readonly string[];
}

/** Looks into OCP's home. */
export function homeContent(ocpHome: string): HomeContent {
  const names = lstatSync(ocpHome, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(ocpHome) : [];
  const database = databaseName(ocpHome);
  const isOwn = (name: string): boolean =>
    own.test(name) ||
    (database !== undefined &&
      (name === database || (/^[.-]/u.test(name.slice(database.length)) && name.startsWith(database))));
  return { own: names.filter(isOwn), foreign: names.filter((name) => !isOwn(name)) };
}

/** The steps that remove what OCP wrote into its home, and the home where nothing is left in it. */
export function purgeSteps(ocpHome: string): readonly Step[] {
  const content = homeContent(ocpHome);
  const files = content.own.map((name): Step => ({ kind: 'remove', path: join(ocpHome, name) }));
  return content.foreign.length > 0 || files.length === 0 ? files : [...files, { kind: 'remove', path: ocpHome }];
}

/** Undefined where what lies there is no database, and so nothing that OCP wrote. */
function databaseName(ocpHome: string): string | undefined {
  try {
    return basename(databasePath(ocpHome));
  } catch {
    return undefined;
  }
}
