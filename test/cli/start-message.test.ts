import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startMessage } from '../../src/cli/start-message.ts';
import type { StartState } from '../../src/cli/start-message.ts';
import { loginHint } from '../../src/claude/login.ts';

const ready: StartState = {
  version: '1.2.3',
  address: '127.0.0.1',
  port: 3456,
  authMode: 'none',
  cli: { path: '/usr/bin/claude', source: 'PATH' },
  cliVersion: '2.1.330',
  login: { loggedIn: true, method: 'claude.ai', hint: undefined },
  problem: undefined,
  warnings: [],
};

const text = (change: Partial<StartState>): string => startMessage({ ...ready, ...change }).join('\n');

describe('the message at the start of the server', () => {
  it('says where to point tools, what drives Claude, who is logged in, and who may call', () => {
    assert.deepEqual(startMessage(ready), [
      'OCP 1.2.3 listens on http://127.0.0.1:3456',
      '  OpenAI base URL     http://127.0.0.1:3456/v1',
      '  Anthropic base URL  http://127.0.0.1:3456',
      '  Claude CLI          2.1.330 at /usr/bin/claude (from the PATH)',
      '  Login               logged in (claude.ai)',
      '  Auth mode           none (whoever reaches the address may call)',
    ]);
  });

  it('gives an address that can be called, for every address to listen on', () => {
    assert.match(text({ address: '0.0.0.0' }), /every address/);
    assert.match(text({ address: '0.0.0.0' }), /base URL {5}http:\/\/127\.0\.0\.1:3456\/v1/);
    assert.match(text({ address: '::' }), /base URL {5}http:\/\/\[::1\]:3456\/v1/);
    assert.match(text({ address: 'fd00::1' }), /http:\/\/\[fd00::1\]:3456/);
  });

  it('says what to do about the CLI before the login', () => {
    const missing = text({ cli: undefined, cliVersion: undefined, login: undefined, problem: 'install the CLI' });
    assert.match(missing, /Claude CLI {10}not found/);
    assert.match(missing, /To do: install the CLI/);
    const tooOld = text({ problem: 'update it', login: { loggedIn: false, method: 'none', hint: loginHint } });
    assert.doesNotMatch(tooOld, /auth login/);
  });

  it('says how to log in, with and without a browser', () => {
    const out = text({ login: { loggedIn: false, method: 'none', hint: loginHint } });
    assert.match(out, /Login {15}not logged in/);
    assert.match(out, /To do: run `claude auth login`; without a browser `claude setup-token`/);
  });

  it('passes warnings on', () => {
    assert.match(text({ warnings: ['the first', 'the second'] }), /Warning: the first\nWarning: the second/);
  });
});
