import { allowedNames } from '../../config/config-file.ts';
import type { Values } from '../../config/config-file.ts';
import { usableValue } from '../../config/usable-value.ts';
import { isSecret } from './unit-environment.ts';

/** What a service's definition on this machine says. */
export interface InstalledDefinition {
  /** The variables that it sets. */
  readonly environment: Values;
  /** Whether this product wrote it; an earlier one's own tools wrote values into theirs that stand nowhere else. */
  readonly isOurs: boolean;
}

/** What becomes of the variables of an installed definition: config.json alone says how OCP is configured. */
export interface Inherited {
  /** Goes into config.json. */
  readonly moved: Values;
  /** Stays in the definition: it is not of OCP, such as LANG. */
  readonly kept: Values;
  /** An admin key, which belongs into a file of its own. */
  readonly adminKey: string | undefined;
  /** What is moved, replaced or dropped, one line each, without secrets. */
  readonly notes: readonly string[];
}

/** Copied from config.json into the definition by version 0.1.0: what config.json no longer has was taken out of it. */
const copies: Readonly<Record<string, string>> = {
  CLAUDE_PROXY_PORT: '3456',
  CLAUDE_BIND: '127.0.0.1',
  CLAUDE_AUTH_MODE: 'none',
  CLAUDE_BIN: '',
  PROXY_ANONYMOUS_KEY: '',
};
/** Written anew with every definition. */
const rewritten = new Set(['PATH', 'OCP_HOME']);
/** Leftovers of an earlier product's tools. */
const leftovers = new Set(['NODE_ENV', 'OCP_DIR_OVERRIDE', 'OCP_DIR']);
/** Names of OCP and of the product before it; the CLI's own begin otherwise. */
const proxyName = /^(?:OCP_|PROXY_|CLAUDE_(?!CODE_|CONFIG_DIR$))/u;

/** Decides what becomes of each variable of a definition, where config.json has `file`. `home` is what `~/` stands for. */
export function inheritedFrom({ environment, isOurs }: InstalledDefinition, file: Values, home: string): Inherited {
  const moved: Record<string, string> = {};
  const kept: Record<string, string> = {};
  const notes: string[] = [];
  const allowed = allowedNames({ ...environment, ...file });
  for (const [name, value] of Object.entries(environment)) {
    const shown = isSecret(name) ? name : `${name}=${value.length > 60 ? `${value.slice(0, 60)}…` : value}`;
    if (value === '' || rewritten.has(name) || leftovers.has(name) || name === 'OCP_ADMIN_KEY') continue;
    if (!allowed.has(name)) {
      if (proxyName.test(name)) notes.push(`${shown} is dropped from the service: OCP has no such setting`);
      else kept[name] = value;
    } else if (file[name] !== undefined) {
      if (file[name] !== value) notes.push(`${shown} is dropped from the service: config.json says otherwise`);
    } else if (isOurs && Object.hasOwn(copies, name)) {
      if (value !== copies[name]) notes.push(`${shown} is no longer in force: config.json does not have it`);
    } else {
      const usable = usableValue(name, value, home);
      if (usable.value !== undefined) moved[name] = usable.value;
      notes.push(
        usable.note === undefined
          ? `${shown} is moved from the service into config.json`
          : `${usable.note}, from the service`,
      );
    }
  }
  // The product before OCP had tools on by default, so that this alone meant something.
  const isPointless = (moved['CLAUDE_ALLOWED_TOOLS'] ?? file['CLAUDE_ALLOWED_TOOLS'] ?? '') === '';
  if (moved['CLAUDE_SKIP_PERMISSIONS'] !== undefined && isPointless) {
    delete moved['CLAUDE_SKIP_PERMISSIONS'];
    notes.push('CLAUDE_SKIP_PERMISSIONS is left out: it has no meaning without CLAUDE_ALLOWED_TOOLS');
  }
  const adminKey = environment['OCP_ADMIN_KEY'];
  return { moved, kept, notes, adminKey: adminKey === '' ? undefined : adminKey };
}
