import type { Values } from '../../config/config-file.ts';
import type { MemoryLimit } from './memory-limit.ts';

/** What a systemd unit of OCP is made from. */
export interface UnitOptions {
  /** The program and its arguments. */
  readonly command: readonly string[];
  readonly environment: Values;
  readonly log: string;
  readonly memory: MemoryLimit;
  /** systemd's version, such as 252: newer ones can wait longer from restart to restart. */
  readonly version: number;
  /** Whether `systemd-notify` is there, by which the server says that it listens. */
  readonly canNotify: boolean;
  /** Whether /tmp of its own is possible: it takes user namespaces, which some machines refuse. */
  readonly canHideTmp: boolean;
}

/**
 * The text of the unit. The server ends its workers itself when it is stopped, so that answers can finish: only what is left
 * after it is killed (`KillMode=mixed`). A configuration that cannot be used (status 2) does not get better by trying again.
 */
export function unitText(options: UnitOptions): string {
  const { command, environment, log, memory, version, canNotify, canHideTmp } = options;
  return [
    '[Unit]',
    'Description=Open Claude Proxy',
    'After=network.target',
    'StartLimitIntervalSec=0',
    '',
    '[Service]',
    ...(canNotify ? ['Type=notify', 'NotifyAccess=all', 'WatchdogSec=120'] : ['Type=exec']),
    `ExecStart=${command.map(execWord).join(' ')}`,
    ...Object.entries(environment).map(([name, value]) => `Environment=${quoted(`${name}=${value}`)}`),
    'Restart=always',
    'RestartSec=5',
    ...(version >= 254 ? ['RestartSteps=6', 'RestartMaxDelaySec=300'] : []),
    'RestartPreventExitStatus=2',
    'KillMode=mixed',
    'TimeoutStopSec=30',
    `StandardOutput=append:${log.replaceAll('%', '%%')}`,
    `StandardError=append:${log.replaceAll('%', '%%')}`,
    'UMask=0077',
    'NoNewPrivileges=true',
    ...(canHideTmp ? ['PrivateTmp=true'] : []),
    `MemoryHigh=${memory.high}M`,
    `MemoryMax=${memory.max}M`,
    'OOMPolicy=continue',
    '',
    '[Install]',
    'WantedBy=default.target',
    '',
  ].join('\n');
}

/** The variables that a unit's `Environment=` lines set. Contract: what people wrote into an installed unit is kept. */
export function unitVariables(text: string): Values {
  const values: Record<string, string> = {};
  for (const line of text.replaceAll('\\\n', ' ').split('\n')) {
    const assignments = /^\s*Environment\s*=(.*)$/u.exec(line)?.[1];
    if (assignments === undefined) continue;
    for (const word of words(assignments)) {
      const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/su.exec(word) ?? [];
      if (name !== undefined && value !== undefined) values[name] = value;
    }
  }
  return values;
}

/** In a command line, `$` would begin a variable. */
function execWord(word: string): string {
  return quoted(word).replaceAll('$', '$$$$');
}

/** Quoted as systemd reads it: C escapes, and `%` would begin a specifier. */
function quoted(text: string): string {
  const escaped = text
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('"', String.raw`\"`)
    .replaceAll('\n', String.raw`\n`)
    .replaceAll('\t', String.raw`\t`)
    .replaceAll('\r', String.raw`\r`)
    .replaceAll('%', '%%');
  return `"${escaped}"`;
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', s: ' ' };

function words(text: string): string[] {
  const found: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === '\\') {
      at += 1;
      const next = text[at] ?? '';
      word = (word ?? '') + (escapes[next] ?? next);
    } else if (quote === '' && (character === '"' || character === "'")) {
      quote = character;
      word ??= '';
    } else if (quote !== '' && character === quote) {
      quote = '';
    } else if (quote === '' && /\s/u.test(character)) {
      if (word !== undefined) found.push(word);
      word = undefined;
    } else {
      if (character === '%' && text[at + 1] === '%') at += 1;
      word = (word ?? '') + character;
    }
  }
  if (word !== undefined) found.push(word);
  return found;
}
