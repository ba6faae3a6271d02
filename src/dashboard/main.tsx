import { render } from 'preact';
import { App } from './app.tsx';
import { follow } from './lib/live.ts';
import { loadSession, session } from './lib/session.ts';
import './styles/base.css';
import './styles/layout.css';
import './styles/parts.css';
import './styles/data.css';

const root = document.getElementById('app');
if (root !== null) render(<App />, root);
follow();
void start();

/** A server that cannot be reached yet is tried again until it can. */
async function start(): Promise<void> {
  while (session.value === undefined) {
    try {
      await loadSession();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 2000));
    }
  }
}
