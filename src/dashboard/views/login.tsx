import { useState } from 'preact/hooks';
import { useAction } from '../lib/resource.ts';
import { login } from '../lib/session.ts';
import { Problem } from '../ui/parts.tsx';

/** Logging in with the admin key or one's own. */
export function Login() {
  const [key, setKey] = useState('');
  const action = useAction();
  const submit = (event: Event): void => {
    event.preventDefault();
    action.run(async () => login(key.trim()));
  };
  return (
    <form class="stack" onSubmit={submit}>
      <p class="muted small">
        With your own key you see your usage and limits. With the admin key you see and change everything; on the server
        it lies in <code>~/.ocp/admin-key</code>.
      </p>
      <div class="field">
        <label for="key">Key</label>
        <input
          id="key"
          class="input"
          type="password"
          autocomplete="current-password"
          required
          value={key}
          onInput={(event) => setKey(event.currentTarget.value)}
        />
      </div>
      <Problem message={action.error} />
      <div>
        <button type="submit" class="button primary" disabled={action.isBusy || key.trim() === ''}>
          {action.isBusy ? 'Logging in …' : 'Log in'}
        </button>
      </div>
    </form>
  );
}
