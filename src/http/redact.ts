/** What stands in the place of a secret. */
const HIDDEN = '[hidden]';
/** OCP's own keys and Anthropic's keys and tokens, by their look. */
const keyLike = /\b(?:ocp_[A-Za-z0-9_-]{16,}|sk-[A-Za-z0-9_-]{8,})/g;

/** Takes keys out of a line before it is written anywhere: everything that looks like one, and these secrets. */
export function redactor(secrets: readonly (string | undefined)[]): (line: string) => string {
  const known = secrets
    .filter((secret) => secret !== undefined)
    // As they stand in a line of JSON.
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]);
  return (line) => known.reduce((text, secret) => text.replaceAll(secret, HIDDEN), line).replaceAll(keyLike, HIDDEN);
}
