/** Where a client finds OCP. */
export interface Endpoint {
  /** Without `/v1`. */
  readonly url: string;
  readonly key: string;
}

/** A settings file of a client that makes it use OCP: the tests write it, and the documentation shows it. */
export interface SettingsFile {
  /** Below the user's home. */
  readonly path: string;
  readonly language: 'json' | 'toml' | 'yaml';
  readonly text: string;
}

/** The model that the clients are set to, and the one for their side requests. */
export const model = 'claude-sonnet-5-5';
export const smallModel = 'claude-haiku-5-5';

/** A settings file of JSON. */
export function jsonFile(path: string, content: object): SettingsFile {
  return { path, language: 'json', text: `${JSON.stringify(content, undefined, 2)}\n` };
}
