import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unknownPlan } from '../../../src/claude/plan.ts';
import { configFilePath } from '../../../src/config/config-file.ts';
import type { ActionKind } from '../../../src/doctor/action-kinds.ts';
import type { Fault, Round } from './fault.ts';
import { configured, database } from './fault.ts';
import { configText } from './place.ts';

const inTwoHours = (): number => Math.floor(Date.now() / 1000) + 7200;
/** One after the other; what mends it is a person's. */
export const byHand: readonly (readonly [ActionKind, Fault, Partial<Round>?])[] = [
  [
    'fix_config',
    {
      name: 'config.json is broken',
      make(place) {
        const before = configText(place);
        writeFileSync(configFilePath(place.ocpHome), before.slice(0, -10));
        return () => writeFileSync(configFilePath(place.ocpHome), before);
      },
      check: 'config_valid',
      level: 'FAIL',
      says: /config\.json: the file must be a JSON object/,
      mend: 'hand',
    },
    // Of the rest, nothing is known: not even that Anthropic is the simulator.
    { only: 'config_valid' },
  ],
  [
    'fix_config',
    {
      name: 'a variable has a value that cannot be',
      make: configured({ CLAUDE_TIMEOUT: 'soon' }),
      check: 'config_valid',
      level: 'FAIL',
      says: /config\.json: CLAUDE_TIMEOUT is "soon"/,
      mend: 'hand',
    },
  ],
  [
    'fix_config',
    {
      name: 'the CLI is told to call OCP itself',
      make: ({ configure, setting }) =>
        configure({ ANTHROPIC_BASE_URL: `http://localhost:${setting('CLAUDE_PROXY_PORT')}/v1` }),
      check: 'claude_loop',
      level: 'FAIL',
      says: /told to call OCP itself/,
      mend: 'hand',
    },
  ],
  [
    'noop',
    {
      name: 'Claude Code is sent to OCP with a key',
      make({ home, setting }) {
        const settings = join(home, '.claude/settings.json');
        const url = `http://127.0.0.1:${setting('CLAUDE_PROXY_PORT')}`;
        writeFileSync(settings, JSON.stringify({ env: { ANTHROPIC_BASE_URL: url, ANTHROPIC_AUTH_TOKEN: 'any' } }));
        return () => rmSync(settings);
      },
      check: 'claude_loop',
      level: 'WARN',
      says: /sends Claude Code to OCP itself, with a key/,
      mend: 'hand',
    },
  ],
  [
    'noop',
    {
      name: 'Anthropic cannot be reached',
      make: configured({ ANTHROPIC_BASE_URL: 'http://127.0.0.1:1' }),
      check: 'upstream_reachable',
      level: 'WARN',
      says: /127\.0\.0\.1:1 cannot be reached: ECONNREFUSED/,
      mend: 'hand',
    },
  ],
  [
    'noop',
    {
      name: 'a proxy would catch calls for this machine',
      make: configured({ HTTP_PROXY: 'http://proxy.example:8080' }),
      check: 'proxy_variables',
      level: 'WARN',
      says: /NO_PROXY does not name 127\.0\.0\.1 and localhost/,
      mend: 'hand',
    },
  ],
  [
    'noop',
    {
      name: 'there is room for one waiting worker only',
      make: configured({ OCP_SPARES_MEMORY_MB: '100' }),
      check: 'spares',
      level: 'WARN',
      says: /room for one waiting worker only/,
      mend: 'hand',
    },
  ],
  [
    'wait_for_plan',
    {
      name: 'the plan is used up',
      make(place) {
        const exhausted = { five_hour: { saidAt: Date.now(), resetsAt: inTwoHours() } };
        const plan = JSON.stringify({ ...unknownPlan, exhausted });
        return database(
          place,
          `INSERT OR REPLACE INTO plans (profile, plan) VALUES ('default', '${plan}')`,
          'DELETE FROM plans',
        );
      },
      check: 'plan_windows',
      level: 'FAIL',
      says: /default: 5 hours until \d{4}-/,
      mend: 'hand',
    },
  ],
  [
    'noop',
    {
      name: 'the clock was set back',
      make: (place) =>
        database(
          place,
          'UPDATE usage_requests SET at = at + 259200000',
          'UPDATE usage_requests SET at = at - 259200000',
        ),
      check: 'clock',
      level: 'WARN',
      says: /3 days behind/,
      mend: 'hand',
    },
  ],
  [
    'noop',
    {
      name: 'a file stands where the log should be',
      make({ ocpHome }) {
        const logs = join(ocpHome, 'logs');
        renameSync(logs, `${logs}.kept`);
        writeFileSync(logs, '', { mode: 0o600 });
        return () => {
          rmSync(logs, { recursive: true });
          renameSync(`${logs}.kept`, logs);
        };
      },
      check: 'log_folder',
      level: 'WARN',
      says: /is no folder/,
      mend: 'hand',
    },
  ],
  [
    // It works as it was told to: config.json alone says it, and the definition has no copy.
    'noop',
    {
      name: 'the network is open to everybody',
      make: configured({ CLAUDE_BIND: '0.0.0.0', CLAUDE_AUTH_MODE: 'none', OCP_ALLOW_OPEN_LAN: '1' }),
      check: 'bind_auth',
      level: 'WARN',
      says: /everybody who reaches/,
      also: ['host_names', 'config_valid'],
      mend: 'hand',
    },
  ],
];
