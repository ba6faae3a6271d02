/**
 * Variables that are not OCP's own but the Claude CLI's: its login, and the way to the internet. OCP passes them on, and they
 * may stand in the configuration file, since a service does not see what a shell exports.
 */
export const cliVariables: readonly string[] = [
  'CLAUDE_CODE_OAUTH_TOKEN',
  'CLAUDE_CONFIG_DIR',
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
];
