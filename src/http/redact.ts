/** What stands in the place of a secret. */
const HIDDEN = '[hidden]';
/** Shorter ones are no secrets, and words of a line would vanish with them. */
const SHORTEST = 4;
/** In a stored login, a shorter value is a switch or a region unless its name says otherwise. */
const SHORTEST_OF_LOGIN = 20;

/** What shows by its look that it opens something: keys of OCP and of Anthropic, logins of the dashboard, headers. */
const looks: readonly (readonly [RegExp, string])[] = [
  [/\b(?:ocp_(?!session)[A-Za-z0-9_-]{16,}|sk-[A-Za-z0-9_-]{8,})/g, HIDDEN],
  [/\b(ocp_session(?:_\d+)?=)[A-Za-z0-9_-]+/g, `$1${HIDDEN}`],
  [/\b(bearer|basic) +[A-Za-z0-9+/=._~-]{20,}/gi, `$1 ${HIDDEN}`],
  [/(:\/\/)[^\s/@"'\\]+@/g, `$1${HIDDEN}@`],
];

/** Names of variables whose values are secrets, of OCP or not. */
const secretName =
  /(?:TOKEN|SECRET|PASSWORD|PASSWD|API_KEY|ADMIN_KEY|ACCESS_KEY|ACCESS_KEY_ID|PRIVATE_KEY|CREDENTIALS?|CUSTOM_HEADERS)$/i;

/** Takes secrets out of a line before it is written anywhere: those that it was told, and all that look like one. */
export class Redactor {
  /** The longest first: one may be a part of another. */
  #known: readonly string[] = [];

  constructor(secrets: readonly (string | undefined)[] = []) {
    this.add(secrets);
  }

  add(secrets: readonly (string | undefined)[]): void {
    const given = secrets.filter((secret) => secret !== undefined && secret.length >= SHORTEST) as string[];
    // As they stand in a line of JSON too.
    const forms = given.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]);
    const known = new Set([...this.#known, ...forms]);
    this.#known = [...known].toSorted((one, other) => other.length - one.length);
  }

  /** Adds the secrets of an environment: values of variables that are named like one, and the passwords in addresses. */
  addEnvironment(env: Readonly<Record<string, string | undefined>>): void {
    this.add(
      Object.entries(env).flatMap(([name, value = '']) => (secretName.test(name) ? [value] : passwordsIn(value))),
    );
  }

  /** Adds the values of a login that was given to OCP, whatever its variables are called; short ones are switches. */
  addLogin({ env }: { readonly env: Readonly<Record<string, string>> }): void {
    this.addEnvironment(env);
    this.add(Object.values(env).filter((value) => value.length >= SHORTEST_OF_LOGIN));
  }

  hide(line: string): string {
    const without = this.#known.reduce((text, secret) => text.replaceAll(secret, HIDDEN), line);
    return looks.reduce((text, [look, shown]) => text.replaceAll(look, shown), without);
  }
}

/** `http://user:password@proxy` has two secrets, also as the address spells them. */
function passwordsIn(value: string): readonly string[] {
  if (!value.includes('@') || !URL.canParse(value)) return [];
  const { username, password } = new URL(value);
  return [password, username === '' || password === '' ? '' : `${username}:${password}`].flatMap((part) => [
    part,
    decoded(part),
  ]);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
