/** Characters that a secret has at least when a person chooses it: fewer could be guessed by patience, however slow that is made. */
export const LEAST_SECRET = 12;

/** Secrets that people choose and that open something, by their variables. The anonymous key is public. */
const chosen = {
  OCP_ADMIN_KEY: 'adminKey',
  PROXY_API_KEY: 'sharedKey',
  OCP_METRICS_TOKEN: 'metricsToken',
} as const;

type Chosen = (typeof chosen)[keyof typeof chosen];

/** The variables whose secrets are shorter than they should be. */
export function shortSecrets(config: Readonly<Partial<Record<Chosen, string | undefined>>>): readonly string[] {
  return Object.entries(chosen).flatMap(([name, key]) =>
    (config[key]?.length ?? LEAST_SECRET) < LEAST_SECRET ? [name] : [],
  );
}
