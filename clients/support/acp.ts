import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Run, Start } from './run.ts';
import { clientEnvironment, endGroup } from './run.ts';

interface AcpLine {
  readonly id?: number;
  readonly method?: string;
  readonly params?: {
    readonly update?: { readonly sessionUpdate?: string; readonly content?: { readonly text?: string } };
    readonly options?: readonly { readonly optionId: string; readonly kind: string }[];
  };
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
}

/**
 * Leads one session of the Agent Client Protocol, as an editor does, with an agent that speaks it on stdio: sends each
 * prompt to the model once the one before is answered. The output is what the agent said to the last of them.
 */
export async function talkAcp(
  program: string,
  args: readonly string[],
  start: Start,
  { model, prompts }: { readonly model: string; readonly prompts: readonly string[] },
): Promise<Run> {
  const child = spawn(program, args, {
    cwd: start.cwd,
    env: clientEnvironment(start),
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (stderr += piece));
  const waiting = new Map<number, (line: AcpLine) => void>();
  let said = '';
  const send = (message: object): void => void child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const request = async (method: string, params: object): Promise<Readonly<Record<string, unknown>>> => {
    const id = waiting.size + 1;
    const answer = new Promise<AcpLine>((resolve) => waiting.set(id, resolve));
    send({ id, method, params });
    const { result, error } = await answer;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  };
  createInterface(child.stdout).on('line', (text) => {
    const line = JSON.parse(text) as AcpLine;
    const update = line.params?.update;
    if (line.method === undefined) waiting.get(line.id ?? 0)?.(line);
    else if (update?.sessionUpdate === 'agent_message_chunk') said += update.content?.text ?? '';
    else if (line.method === 'session/request_permission') {
      const option = line.params?.options?.find((candidate) => candidate.kind.startsWith('allow'));
      send({ id: line.id, result: { outcome: { outcome: 'selected', optionId: option?.optionId } } });
    }
  });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    endGroup(child.pid);
  }, start.timeoutMs ?? 240_000);
  const gone = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the agent ended early with ${code}: ${stderr}`)));
  });
  try {
    const talk = async (): Promise<void> => {
      await request('initialize', { protocolVersion: 1, clientCapabilities: {} });
      const { sessionId } = await request('session/new', { cwd: start.cwd, mcpServers: [] });
      await request('session/set_model', { sessionId, modelId: model });
      for (const prompt of prompts) {
        said = '';
        await request('session/prompt', { sessionId, prompt: [{ type: 'text', text: prompt }] });
      }
    };
    await Promise.race([talk(), gone]);
    return { code: 0, stdout: said, stderr, timedOut };
  } finally {
    clearTimeout(timer);
    child.removeAllListeners('exit');
    endGroup(child.pid);
  }
}
