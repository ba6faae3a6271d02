import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { OpenRequests } from '../../src/gateway/open-requests.ts';
import { OcpError } from '../../src/wire/errors.ts';

function codeOf(signal: AbortSignal): string | undefined {
  return signal.aborted && signal.reason instanceof OcpError ? signal.reason.code : undefined;
}

test('a request whose client has hung up before it began is ended at once', () => {
  const open = new OpenRequests(() => 60_000);
  const request = open.begin({ owner: 'ada', signal: AbortSignal.abort() });
  assert.equal(codeOf(request.signal), 'client_closed');
  request.end();
  assert.equal(open.size, 0);
});

test('ends when its client hangs up, when its time is over, or when its owner may no longer call', () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const open = new OpenRequests(() => 1000);
    const client = new AbortController();
    const [hungUp, late, revoked, other] = [
      open.begin({ owner: 'ada', signal: client.signal }),
      open.begin({ owner: 'ada', signal: new AbortController().signal }),
      open.begin({ owner: 'bob', signal: new AbortController().signal }),
      open.begin({ owner: 'eve', signal: new AbortController().signal }),
    ];
    client.abort();
    assert.equal(
      open.endWhere((owner) => owner === 'bob', new OcpError('invalid_api_key', 'revoked')),
      1,
    );
    other.end();
    mock.timers.tick(1000);
    assert.deepEqual(
      [hungUp, late, revoked, other].map(({ signal }) => codeOf(signal)),
      ['client_closed', 'timeout', 'invalid_api_key', undefined],
    );
  } finally {
    mock.timers.reset();
  }
});

test('draining waits for all requests, and ends them at the deadline, also one that has passed', async () => {
  const open = new OpenRequests(() => 60_000);
  await open.drain(AbortSignal.abort());
  const request = open.begin({ owner: 'ada', signal: new AbortController().signal });
  request.signal.addEventListener('abort', () => request.end());
  await open.drain(AbortSignal.abort());
  assert.equal(codeOf(request.signal), 'shutting_down');
});
