import { useState } from 'preact/hooks';
import { ask } from '../lib/api.ts';
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
  const isTime = unit === 'ms';
  const [text, setText] = useState<string | undefined>(undefined);
  const action = useAction();
  const shown = text ?? setting.text ?? (value === null ? '' : String(value));
  const change = (next: number | string | null): void =>
    action.run(async () => {
      await ask('/settings', 'PATCH', { [name]: next });
      setText(undefined);
      onChanged();
    });
  const submit = (event: Event): void => {
    event.preventDefault();
    const wanted = shown.trim();
    // A duration such as 5m is sent as it is written; the server says what is wrong with it.
    change(wanted === '' ? null : /^\d+$/.test(wanted) ? Number(wanted) : wanted);
  };
  return (
    <Card title={desc} side={<code class="muted">{name}</code>}>
      <form class="row" onSubmit={submit}>
        <input
          class="input"
          {...(isTime ? { type: 'text' } : { type: 'number', inputMode: 'numeric', min, max })}
          value={shown}
          placeholder="the model's own"
          aria-label={desc}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        {unit === '' ? null : <span class="muted">{isTime ? 'such as 90s, 5m, 1h30m; or ms' : unit}</span>}
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
        From {setting.range}. The value comes from {sources[source]} (<code>{env}</code>).
      </p>
      <Problem message={action.error} />
    </Card>
  );
}
