import type { Outcome } from './connection.ts';
import type { FuzzRequest } from './requests.ts';

/** What is wrong with how a request was met; undefined when nothing is. */
export function fault(request: Pick<FuzzRequest, 'mayFail' | 'method'>, outcome: Outcome): string | undefined {
  if (outcome.kind === 'hung') return 'was not answered';
  // Something that is no HTTP may be met with the end of the connection.
  if (outcome.kind === 'closed') return undefined;
  const { status, head, body } = outcome;
  if (Number.isNaN(status)) return 'was answered with what is no HTTP';
  if (status >= 500 && !(request.mayFail && status === 502))
    return `was answered with ${status}: ${body.slice(0, 300)}`;
  const isError = status >= 400 && request.method !== 'HEAD';
  if (isError && /\r\ncontent-type: application\/json/iu.test(head) && !body.includes('error')) {
    return `was answered with ${status} and no error`;
  }
  return undefined;
}

/** What tells one way through the code from another, as far as it shows outside: for requests worth keeping. */
export function signature({ method, target }: Pick<FuzzRequest, 'method' | 'target'>, outcome: Outcome): string {
  const path = (target.split('?')[0] ?? '').slice(0, 40);
  if (outcome.kind !== 'answered') return `${method} ${path} ${outcome.kind}`;
  const code = /"code":"(\w+)"/u.exec(outcome.body)?.[1] ?? '';
  const param = (/"param":"([^"]*)"/u.exec(outcome.body)?.[1] ?? '').replaceAll(/\d+/gu, 'N').slice(0, 60);
  return `${method} ${path} ${outcome.status} ${code} ${param}`;
}
