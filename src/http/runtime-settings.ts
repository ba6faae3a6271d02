import type { Config } from '../config/config.ts';
import type { Setting, SettingName, WrittenSetting } from '../config/settings.ts';
import { readSetting, settings, settingText, variableOf } from '../config/settings.ts';
import type { SettingsStore } from '../store/settings.ts';

/** What a setting is, or null where it is left to each model. */
export type SettingValue = number | null;

/**
 * Where a setting's value comes from. `environment` wins over `database` at every start; `runtime` is a change of one that
 * the environment sets, which lasts until the next start.
 */
export type SettingSource = 'default' | 'environment' | 'database' | 'runtime';

export interface RuntimeSettingsOptions {
  readonly config: Config;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly store: SettingsStore;
}

/** The settings that can be changed while OCP runs. Whoever uses one reads it anew each time. */
export class RuntimeSettings {
  readonly #options: RuntimeSettingsOptions;
  readonly #kept: Map<string, WrittenSetting>;
  readonly #untilRestart = new Map<string, WrittenSetting>();

  constructor(options: RuntimeSettingsOptions) {
    this.#options = options;
    this.#kept = new Map(options.store.read());
  }

  value(name: SettingName): SettingValue {
    const setting = settings.find((candidate) => candidate.name === name);
    if (setting === undefined) return null;
    const changed = this.#changed(setting);
    return changed === undefined ? (this.#options.config[setting.key] ?? null) : changed.value;
  }

  /** The value as people read it, in the unit in which it was given: `5m`. Null where it is left to each model. */
  text(setting: Setting): string | null {
    const changed = this.#changed(setting);
    if (changed !== undefined) return settingText(setting, changed.written);
    const given = (this.#options.env[variableOf(setting)] ?? '').trim();
    const value = this.#options.config[setting.key];
    return given !== '' ? settingText(setting, given) : value === undefined ? null : settingText(setting, value);
  }

  /** What was changed while OCP ran. A value that an older or newer OCP allowed may be out of today's range. */
  #changed(setting: Setting): { readonly value: number; readonly written: WrittenSetting } | undefined {
    const isKept = !this.isFromEnvironment(setting);
    const written = this.#untilRestart.get(setting.name) ?? (isKept ? this.#kept.get(setting.name) : undefined);
    if (written === undefined) return undefined;
    const read = readSetting(setting, written);
    return 'value' in read ? { value: read.value, written } : undefined;
  }

  /** The value of a setting that always has one. */
  number(name: Exclude<SettingName, 'maxPromptChars'>): number {
    return this.value(name) ?? 0;
  }

  source(setting: Setting): SettingSource {
    if (this.#untilRestart.has(setting.name)) return 'runtime';
    if (this.isFromEnvironment(setting)) return 'environment';
    return this.#changed(setting) === undefined ? 'default' : 'database';
  }

  isFromEnvironment(setting: Setting): boolean {
    return (this.#options.env[variableOf(setting)] ?? '') !== '';
  }

  /**
   * Changes settings at once; null goes back to what it is without the change. Kept for the next start, unless the
   * environment sets it then anyway. `witness` is called within the transaction.
   */
  change(changes: ReadonlyMap<Setting, WrittenSetting | null>, witness: () => void): void {
    const kept = [...changes].filter(([setting, value]) => value === null || !this.isFromEnvironment(setting));
    this.#options.store.write(new Map(kept.map(([{ name }, value]) => [name, value])), witness);
    for (const [setting, value] of changes) {
      const { name } = setting;
      const target = this.isFromEnvironment(setting) ? this.#untilRestart : this.#kept;
      if (value !== null) target.set(name, value);
      else for (const map of [this.#kept, this.#untilRestart]) map.delete(name);
    }
  }
}
