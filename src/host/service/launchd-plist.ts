import type { Values } from '../../config/config-file.ts';

/** What a launchd property list of OCP is made from. */
export interface PlistOptions {
  readonly label: string;
  readonly command: readonly string[];
  readonly environment: Values;
  readonly log: string;
  /** Where the server starts. */
  readonly folder: string;
}

/** The text of the property list: started at login, and again after every end, at most every ten seconds. */
export function plistText({ label, command, environment, log, folder }: PlistOptions): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    '<plist version="1.0">',
    '<dict>',
    ...entry('Label', text(label)),
    ...entry('ProgramArguments', ['<array>', ...command.map((word) => `  ${text(word)}`), '</array>']),
    ...entry('EnvironmentVariables', [
      '<dict>',
      ...Object.entries(environment).flatMap(([name, value]) => entry(name, text(value))),
      '</dict>',
    ]),
    ...entry('WorkingDirectory', text(folder)),
    ...entry('RunAtLoad', '<true/>'),
    ...entry('KeepAlive', '<true/>'),
    ...entry('ThrottleInterval', '<integer>10</integer>'),
    ...entry('ExitTimeOut', '<integer>30</integer>'),
    ...entry('Umask', '<integer>63</integer>'),
    ...entry('StandardOutPath', text(log)),
    ...entry('StandardErrorPath', text(log)),
    '</dict>',
    '</plist>',
    '',
  ].join('\n');
}

/** The variables that a property list sets. Contract: what people wrote into an installed one is kept. */
export function plistVariables(plist: string): Values {
  const inside = /<key>\s*EnvironmentVariables\s*<\/key>\s*<dict>(.*?)<\/dict>/su.exec(plist)?.[1] ?? '';
  const pairs = inside.matchAll(/<key>(.*?)<\/key>\s*<string>(.*?)<\/string>/gsu);
  return Object.fromEntries([...pairs].map(([, name = '', value = '']) => [unescape(name), unescape(value)]));
}

function entry(key: string, value: string | readonly string[]): readonly string[] {
  return [`  <key>${escape(key)}</key>`, ...[value].flat().map((line) => `  ${line}`)];
}

function text(value: string): string {
  return `<string>${escape(value)}</string>`;
}

function escape(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\r', '&#13;');
}

function unescape(value: string): string {
  return value
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replace(/&#(\d{1,7});/gu, (_all, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll('&amp;', '&');
}
