import { secretNames } from '../config/config.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const allowed = new Set([
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'TMPDIR',
  'LANG',
  'LANGUAGE',
  'TZ',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'ALL_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'all_proxy',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'XDG_CONFIG_HOME',
  'XDG_DATA_HOME',
  'XDG_STATE_HOME',
  'XDG_CACHE_HOME',
  'XDG_RUNTIME_DIR',
  'CLAUDE_CONFIG_DIR',
  'CLAUDE_CODE_OAUTH_TOKEN',
]);

/**
 * What the CLI may see of OCP's environment: an allow-list, so that an ANTHROPIC_API_KEY or ANTHROPIC_BASE_URL that
 * happens to be exported changes neither who pays nor where requests go. `extraNames` are the operator's additions
 * (OCP_CLAUDE_ENV); OCP's own secrets are left out even when listed.
 */
export function workerEnvironment(env: Environment, extraNames: readonly string[]): Record<string, string> {
  const extra = new Set(extraNames);
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || secretNames.includes(name)) continue;
    if (allowed.has(name) || name.startsWith('LC_') || extra.has(name)) kept[name] = value;
  }
  return kept;
}
