import type { Config } from './config.ts';
import type { IntegerDefinition } from './integer.ts';
import { integerOf, integerText, isInRange, isTime } from './integer.ts';
import type { VariableDefinition } from './variables.ts';
import { variables } from './variables.ts';

/** Contract: `/settings` of OCP's HTTP contract. Range, unit and reading of each are those of its variable. */
const rows = [
  { name: 'timeout', key: 'timeout', desc: 'Longest time of one request' },
  { name: 'maxConcurrent', key: 'maxConcurrent', desc: 'Turns that run at the same time' },
  { name: 'sessionTTL', key: 'sessionTtl', desc: 'How long a conversation is kept ready after its last use' },
  { name: 'maxPromptChars', key: 'maxPromptChars', desc: "Longest prompt; null = the model's own window" },
  { name: 'cacheTTL', key: 'cacheTtl', desc: 'How long answers are kept in the response cache; 0 = off' },
] as const;

export type SettingName = (typeof rows)[number]['name'];

/** A setting that can be changed while OCP runs. */
export interface Setting {
  readonly name: SettingName;
  /** The member of the configuration that it stands for. */
  readonly key: keyof Config & (typeof rows)[number]['key'];
  readonly min: number;
  readonly max: number;
  readonly unit: string;
  readonly desc: string;
  /** Whether it may be written as a duration, such as `5m`. */
  readonly isTime: boolean;
}

/** A value as somebody gave it: a number in the setting's unit, or a duration as text. */
export type WrittenSetting = number | string;

export const settings: readonly Setting[] = rows.map((row) => {
  const { min, max, unit = '' } = definitionOf(row);
  return { ...row, min, max, unit, isTime: isTime(definitionOf(row)) };
});

/** The environment variable that sets a setting at the start. */
export function variableOf(setting: Pick<Setting, 'key'>): string {
  return definitionOf(setting).name;
}

/** The value of a setting in its unit, or what is wrong with it, in the contract's words. */
export function readSetting(setting: Setting, written: unknown): { value: number } | { problem: string } {
  const { name, min, max } = setting;
  const definition = definitionOf(setting);
  const isText = typeof written === 'string' && setting.isTime;
  const value = isText ? integerOf(definition, written.trim()) : written;
  if (typeof value !== 'number') {
    const hint = setting.isTime ? '; write a number of ms, or a duration such as 5m' : '';
    return { problem: `${name}: expected number, got ${written === null ? 'null' : typeof written}${hint}` };
  }
  if (isInRange(definition, value)) return { value };
  if (!Number.isInteger(value)) return { problem: `${name}: expected a whole number, got ${value}` };
  if (!isText) return { problem: `${name}: value ${value} out of range [${min}, ${max}]` };
  const [from, to] = [min, max].map((edge) => settingText(setting, edge));
  return { problem: `${name}: value ${written.trim()} out of range [${from}, ${to}]` };
}

/** A value as people read it: as it was written, or where that is a bare number of ms, with its units. */
export function settingText(setting: Setting, written: WrittenSetting): string {
  const definition = definitionOf(setting);
  const bare = typeof written === 'number' || /^\d+$/u.test(written.trim()) ? Number(written) : undefined;
  return bare === undefined ? String(written).trim() : integerText(definition, bare);
}

/** `30s to 30m`, `1 to 512`. */
export function settingRange(setting: Setting): string {
  return `${settingText(setting, setting.min)} to ${settingText(setting, setting.max)}`;
}

function definitionOf({ key }: Pick<Setting, 'key'>): IntegerDefinition & { readonly name: string } {
  const row = (variables as readonly VariableDefinition[]).find((candidate) => candidate.key === key);
  if (row?.kind !== 'integer') throw new Error(`the setting ${key} has no variable with a range`);
  return row;
}
