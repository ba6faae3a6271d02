import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from './error.ts';

/** Where the admin key lies in OCP's home. */
export function adminKeyPath(ocpHome: string): string {
  return join(ocpHome, 'admin-key');
}

/** The admin key that setup wrote to the file `admin-key` in OCP's home, or undefined where there is none. Raises ConfigError when it cannot be read. */
export function readAdminKeyFile(ocpHome: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(adminKeyPath(ocpHome), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) {
      return undefined;
    }
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new ConfigError('OCP_ADMIN_KEY', `The file admin-key in OCP_HOME cannot be read (${reason})`);
  }
  const key = text.trim();
  return key === '' ? undefined : key;
}
