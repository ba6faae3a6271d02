import { useState } from 'preact/hooks';
import { ask } from '../lib/api.ts';
import { count, duration } from '../lib/format.ts';
import { useAction, useResource } from '../lib/resource.ts';
import type { Setting } from '../lib/types.ts';
import { Card, Loaded, PageHead, Problem } from '../ui/parts.tsx';

const sources: Readonly<Record<Setting['source'], string>> = {
  default: 'the default',
  environment: 'the environment',
  database: 'changed here',
  runtime: 'changed here, until the next start',
};

/** What can be changed while OCP runs. */
export function Settings() {
  const settings = useResource<Readonly<Record<string, Setting>>>('/settings', ['audit']);
  return (
    <>
      <PageHead
        title="Settings"
        about="They count at once. What the environment sets, it sets again at the next start."
      />
      <div class="stack">
        <Loaded from={settings}>
          {(found) =>
            Object.entries(found).map(([name, setting]) => (
              <Row key={name} name={name} setting={setting} onChanged={settings.reload} />
            ))
          }
        </Loaded>
      </div>
    </>
  );
}

function Row({ name, setting, onChanged }: { name: string; setting: Setting; onChanged: () => void }) {
  const { value, min, max, unit, desc, source, env } = setting;
  const [text, setText] = useState<string | undefined>(undefined);
  const action = useAction();
  const shown = text ?? (value === null ? '' : String(value));
  const change = (next: number | null): void =>
    action.run(async () => {
      await ask('/settings', 'PATCH', { [name]: next });
      setText(undefined);
      onChanged();
    });
  const submit = (event: Event): void => {
    event.preventDefault();
    change(shown.trim() === '' ? null : Number(shown));
  };
  return (
    <Card title={desc} side={<code class="muted">{name}</code>}>
      <form class="row" onSubmit={submit}>
        <input
          class="input"
          type="number"
          inputMode="numeric"
          min={min}
          max={max}
          value={shown}
          placeholder="the model's own"
          aria-label={desc}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        {unit === '' ? null : <span class="muted">{unit}</span>}
        {unit === 'ms' && shown !== '' && Number(shown) > 0 ? (
          <span class="muted small">{duration(Number(shown))}</span>
        ) : null}
        <button type="submit" class="button" disabled={text === undefined || action.isBusy}>
          Save
        </button>
        {source === 'database' || source === 'runtime' ? (
          <button type="button" class="button quiet" disabled={action.isBusy} onClick={() => change(null)}>
            Back to {source === 'runtime' ? 'the environment' : 'the default'}
          </button>
        ) : null}
      </form>
      <p class="small muted">
        From {count(min)} to {count(max)}. The value comes from {sources[source]} (<code>{env}</code>).
      </p>
      <Problem message={action.error} />
    </Card>
  );
}
