import type { Config } from './config.ts';
import { variables } from './variables.ts';

/** A setting that can be changed while OCP runs. */
export interface SettingDefinition {
  readonly name: string;
  /** The member of the configuration that it stands for. */
  readonly key: keyof Config & ('timeout' | 'maxConcurrent' | 'sessionTtl' | 'maxPromptChars' | 'cacheTtl');
  readonly min: number;
  readonly max: number;
  readonly unit: string;
  readonly desc: string;
}

/** Contract: `/settings` of OCP's HTTP contract. */
export const settings = [
  { name: 'timeout', key: 'timeout', min: 30_000, max: 1_800_000, unit: 'ms', desc: 'Longest time of one request' },
  { name: 'maxConcurrent', key: 'maxConcurrent', min: 1, max: 32, unit: '', desc: 'Turns that run at the same time' },
  {
    name: 'sessionTTL',
    key: 'sessionTtl',
    min: 60_000,
    max: 86_400_000,
    unit: 'ms',
    desc: 'How long a conversation is kept ready after its last use',
  },
  {
    name: 'maxPromptChars',
    key: 'maxPromptChars',
    min: 10_000,
    max: 1_000_000,
    unit: 'chars',
    desc: "Longest prompt; null = the model's own window",
  },
  {
    name: 'cacheTTL',
    key: 'cacheTtl',
    min: 0,
    max: 86_400_000,
    unit: 'ms',
    desc: 'How long answers are kept in the response cache; 0 = off',
  },
] as const satisfies readonly SettingDefinition[];

export type Setting = (typeof settings)[number];
export type SettingName = Setting['name'];

/** The environment variable that sets a setting at the start. */
export function variableOf({ key }: SettingDefinition): string {
  return variables.find((row) => row.key === key)?.name ?? '';
}
