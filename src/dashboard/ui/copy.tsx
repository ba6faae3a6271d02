import { useState } from 'preact/hooks';

/** Something to copy, such as a key that is shown this once. */
export function Copyable(props: { text: string; label: string }) {
  const [state, setState] = useState<'' | 'copied' | 'failed'>('');
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(props.text);
      setState('copied');
    } catch {
      // Without TLS a browser gives pages no clipboard; the text can be selected.
      setState('failed');
    }
  };
  return (
    <div class="secret">
      <code>{props.text}</code>
      <button type="button" class="button" onClick={() => void copy()} aria-label={`Copy ${props.label}`}>
        {state === 'copied' ? 'Copied' : 'Copy'}
      </button>
      <span role="status" class={state === 'failed' ? 'small muted' : 'hidden-text'}>
        {state === 'copied' ? 'Copied' : state === 'failed' ? 'Select and copy it' : ''}
      </span>
    </div>
  );
}
