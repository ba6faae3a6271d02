import { useState } from 'preact/hooks';
import type { Key, Limits } from '../../lib/types.ts';
import { useResource } from '../../lib/resource.ts';

/** What a form says of a key, as texts; an empty one means no limit. */
export interface KeyDraft {
  readonly name: string;
  readonly note: string;
  readonly expires: string;
  readonly profile: string;
  readonly models: string;
  readonly enabled: boolean;
  readonly limits: Readonly<Record<string, string>>;
}

const kinds = [
  ['requests', 'Requests'],
  ['tokens', 'Tokens'],
  ['usd', 'USD'],
] as const;
const periods = [
  ['daily', 'a day'],
  ['weekly', 'a week'],
  ['monthly', 'a month'],
] as const;

export function draftOf(key: Key | undefined): KeyDraft {
  const { limits } = key ?? {};
  const texts = kinds.flatMap(([kind]) =>
    periods.map(([period]) => [`${kind}.${period}`, numberText(limits?.[kind][period])] as const),
  );
  return {
    name: key?.name ?? '',
    note: key?.note ?? '',
    expires: localText(key?.expiresAt ?? null),
    profile: key?.profile ?? 'default',
    models: key?.models?.join(', ') ?? '',
    enabled: key?.enabled ?? true,
    limits: {
      ...Object.fromEntries(texts),
      requestsPerMinute: numberText(limits?.requestsPerMinute),
      concurrentTurns: numberText(limits?.concurrentTurns),
    },
  };
}

/** The draft as the server takes it. */
export function bodyOf(draft: KeyDraft): Readonly<Record<string, unknown>> {
  const models = draft.models
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const window = (kind: string): Readonly<Record<string, number | null>> =>
    Object.fromEntries(periods.map(([period]) => [period, numberOf(draft.limits[`${kind}.${period}`])]));
  const limits: Limits = {
    requests: window('requests') as unknown as Limits['requests'],
    tokens: window('tokens') as unknown as Limits['tokens'],
    usd: window('usd') as unknown as Limits['usd'],
    requestsPerMinute: numberOf(draft.limits['requestsPerMinute']),
    concurrentTurns: numberOf(draft.limits['concurrentTurns']),
  };
  return {
    name: draft.name.trim(),
    note: draft.note,
    enabled: draft.enabled,
    expiresAt: draft.expires === '' ? null : new Date(draft.expires).toISOString(),
    profile: draft.profile,
    models: models.length === 0 ? null : models,
    limits,
  };
}

/** The fields of a key. */
export function KeyFields({ draft, onChange }: { draft: KeyDraft; onChange: (draft: KeyDraft) => void }) {
  const profiles = useResource<{ profiles: readonly string[] }>('/api/profiles');
  const [showsLimits, setShowsLimits] = useState(Object.values(draft.limits).some((text) => text !== ''));
  const names = profiles.data?.profiles ?? [draft.profile];
  return (
    <>
      <div class="form-grid">
        <Field label="Name">
          <input
            class="input"
            maxLength={64}
            pattern="[A-Za-z0-9 ._\-]+"
            title="Letters, digits, spaces, dots, underscores and hyphens"
            value={draft.name}
            onInput={(event) => onChange({ ...draft, name: event.currentTarget.value })}
          />
        </Field>
        <Field label="Expires (empty = never)">
          <input
            class="input"
            type="datetime-local"
            value={draft.expires}
            onInput={(event) => onChange({ ...draft, expires: event.currentTarget.value })}
          />
        </Field>
        <Field label="Claude login">
          <select
            class="input"
            value={draft.profile}
            onChange={(event) => onChange({ ...draft, profile: event.currentTarget.value })}
          >
            {names.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </Field>
        <Field label="Models (empty = all)">
          <input
            class="input"
            placeholder="sonnet, haiku"
            value={draft.models}
            onInput={(event) => onChange({ ...draft, models: event.currentTarget.value })}
          />
        </Field>
      </div>
      <Field label="Note">
        <input
          class="input"
          maxLength={500}
          value={draft.note}
          onInput={(event) => onChange({ ...draft, note: event.currentTarget.value })}
        />
      </Field>
      <div>
        <button type="button" class="button" aria-expanded={showsLimits} onClick={() => setShowsLimits(!showsLimits)}>
          Limits
        </button>
      </div>
      {showsLimits ? <LimitFields draft={draft} onChange={onChange} /> : null}
    </>
  );
}

/** The limits of a key; an empty field means none. */
export function LimitFields({ draft, onChange }: { draft: KeyDraft; onChange: (draft: KeyDraft) => void }) {
  const input = (name: string, label: string, step: string) => (
    <Field key={name} label={label}>
      <input
        class="input"
        type="number"
        min={0}
        step={step}
        placeholder="no limit"
        value={draft.limits[name] ?? ''}
        onInput={(event) => onChange({ ...draft, limits: { ...draft.limits, [name]: event.currentTarget.value } })}
      />
    </Field>
  );
  return (
    <div class="form-grid">
      {kinds.flatMap(([kind, name]) =>
        periods.map(([period, each]) => input(`${kind}.${period}`, `${name} ${each}`, kind === 'usd' ? 'any' : '1')),
      )}
      {input('requestsPerMinute', 'Requests a minute', '1')}
      {input('concurrentTurns', 'At the same time', '1')}
    </div>
  );
}

function Field(props: { label: string; children: preact.ComponentChildren }) {
  return (
    <label class="field">
      <span>{props.label}</span>
      {props.children}
    </label>
  );
}

function numberText(value: number | null | undefined): string {
  return String(value ?? '');
}

function numberOf(text: string | undefined): number | null {
  return text === undefined || text.trim() === '' ? null : Number(text);
}

/** A time as an input of the browser has it, in the browser's zone. */
function localText(time: string | null): string {
  if (time === null) return '';
  const at = Date.parse(time);
  return new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
