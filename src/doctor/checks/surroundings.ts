import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { DEFAULT_PROFILE, profilesIn } from '../../claude/profiles.ts';
import { isLoopbackAddress } from '../../config/loopback.ts';
import type { Bench } from '../bench.ts';
import type { Check } from '../finding.ts';

/** As far as the settings of Claude Code are read: text that OCP does not need stays unread. */
const claudeSettings = z.looseObject({
  env: z.record(z.string(), z.unknown()).optional(),
  apiKeyHelper: z.unknown().optional(),
});

/** What other programs on this machine do to OCP: settings of Claude Code, proxies. */
export const surroundingsChecks: readonly Check<Bench>[] = [
  {
    id: 'claude_loop',
    means: 'The CLI is not sent to OCP itself: requests would go round in a circle, or the login would be misread.',
    remedy:
      'Take `ANTHROPIC_BASE_URL` out of `OCP_CLAUDE_ENV`; where Claude Code on this machine uses OCP, take the key out of ' +
      '`~/.claude/settings.json` (`env`), or give OCP a login of its own (`CLAUDE_CONFIG_DIR`).',
    kind: 'fix_config',
    async run(bench) {
      const { config, env } = bench;
      const address = env['ANTHROPIC_BASE_URL'];
      if (config.claudeEnv.includes('ANTHROPIC_BASE_URL') && address !== undefined && isOwnAddress(address, bench)) {
        return {
          level: 'FAIL',
          message: `the CLI is told to call OCP itself: ANTHROPIC_BASE_URL is ${originOf(address)}`,
          cause: 'OCP_CLAUDE_ENV passes on an ANTHROPIC_BASE_URL that is meant for clients of OCP',
          fix: 'take ANTHROPIC_BASE_URL out of OCP_CLAUDE_ENV',
          human: [
            'Take ANTHROPIC_BASE_URL out of OCP_CLAUDE_ENV, in config.json or in the environment of the service.',
          ],
        };
      }
      const files = await settingsFiles(bench);
      const connected = files.flatMap((path) => {
        const settings = readSettings(path);
        const url = settings?.env?.['ANTHROPIC_BASE_URL'];
        if (settings === undefined || typeof url !== 'string' || !isOwnAddress(url, bench)) return [];
        const names = ['ANTHROPIC_AUTH_TOKEN', 'ANTHROPIC_API_KEY'].filter(
          (name) => settings.env?.[name] !== undefined,
        );
        return [{ path, names: [...names, ...(settings.apiKeyHelper === undefined ? [] : ['apiKeyHelper'])] }];
      });
      const [file] = connected;
      if (file === undefined) return { level: 'PASS', message: 'the CLI is not sent to OCP itself' };
      const misread = connected.find(({ names }) => names.length > 0);
      if (misread === undefined) {
        return {
          level: 'INFO',
          message: `Claude Code on this machine uses OCP (${file.path}); OCP's own workers do not read that`,
        };
      }
      return {
        level: 'WARN',
        message: `${misread.path} sends Claude Code to OCP itself, with a key (${misread.names.join(', ')})`,
        cause:
          "OCP's own workers do not go by it, but what the CLI says of its login does: it may count that key as a login to Claude",
        fix: 'take the key out of that file (on this machine OCP needs none), or set CLAUDE_CONFIG_DIR for OCP to a folder of its own',
        human: [`Take ${misread.names.join(' and ')} out of ${misread.path}, where nothing else needs it.`],
      };
    },
  },
  {
    id: 'proxy_variables',
    means: 'A proxy for the internet does not catch calls for this machine, and its address can be used.',
    remedy: 'Add `127.0.0.1,localhost` to `NO_PROXY` wherever `HTTP_PROXY` is set.',
    kind: 'fix_network',
    run({ env }) {
      const set = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'].filter(
        (name) => (env[name] ?? '') !== '',
      );
      if (set.length === 0) return { level: 'PASS', message: 'no proxy is set' };
      const odd = set.filter(
        (name) => !/^(?:https?|socks[45]h?|socks):$/u.test(URL.parse(env[name] ?? '')?.protocol ?? ''),
      );
      if (odd.length > 0) {
        return {
          level: 'WARN',
          message: `${odd.join(', ')} is no address of a proxy`,
          cause: 'the Claude CLI cannot reach Anthropic through it',
          fix: 'write it as http://HOST:PORT, or remove it',
          human: [`Correct or remove ${odd.join(', ')}.`],
        };
      }
      const forHttp = set.filter((name) => !/^https_proxy$/iu.test(name));
      const listed = (env['NO_PROXY'] ?? env['no_proxy'] ?? '').split(',').map((name) => name.trim());
      const missing = ['127.0.0.1', 'localhost'].filter((name) => !listed.includes(name) && !listed.includes('*'));
      if (forHttp.length === 0 || missing.length === 0) {
        return { level: 'PASS', message: `a proxy is set (${set.join(', ')}), and calls for this machine go past it` };
      }
      return {
        level: 'WARN',
        message: `${forHttp.join(', ')} is set, and NO_PROXY does not name ${missing.join(' and ')}`,
        cause: 'tools on this machine may send their requests for OCP to the proxy, which cannot reach it',
        fix: `export NO_PROXY="${[...listed.filter(Boolean), ...missing].join(',')}" where the proxy is set`,
        human: [
          `Add ${missing.join(',')} to NO_PROXY where ${forHttp.join(' and ')} is set, such as in the shell's profile.`,
        ],
      };
    },
  },
];

/** The settings of the operator's Claude Code, and of every profile's. */
async function settingsFiles({ env, userHome, config }: Bench): Promise<readonly string[]> {
  const own = env['CLAUDE_CONFIG_DIR'] ?? join(userHome, '.claude');
  const profiles = profilesIn(config.home);
  const names = (await profiles.list()).filter((name) => name !== DEFAULT_PROFILE);
  const folders = [own, ...names.map((name) => profiles.folder(name))];
  return folders.flatMap((folder) => [join(folder, 'settings.json'), join(folder, 'settings.local.json')]);
}

function readSettings(path: string): z.infer<typeof claudeSettings> | undefined {
  try {
    const parsed = claudeSettings.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** Whether an address is that of this OCP. */
function isOwnAddress(text: string, { config }: Bench): boolean {
  const url = URL.parse(text);
  if (url === null) return false;
  const port = Number(url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port);
  const host = url.hostname.replace(/^\[(.*)\]$/u, '$1').toLowerCase();
  const own = hostname().toLowerCase();
  const isHere =
    host === 'localhost' || isLoopbackAddress(host) || host === config.bind || host === own || host === `${own}.local`;
  return isHere && port === config.port;
}

/** Without what a person may have put before the host. */
function originOf(text: string): string {
  return URL.parse(text)?.origin ?? 'an address';
}
