import { readFileSync } from 'node:fs';

/**
 * How the scripted CLI behaves. It is read from `scenario.json` in CLAUDE_CONFIG_DIR when a process starts, because OCP
 * hands its children an allow-listed environment; `[[fake:{…}]]` in a user message changes it for that turn.
 */
export interface Scenario {
  /** What `--version` and `get_binary_version` tell. */
  readonly version?: string;
  /** What `auth status` tells; logged in unless false. */
  readonly loggedIn?: boolean;
  /** A recorded transcript that is played instead of everything else; a path. */
  readonly replay?: string;
  /** Counts tokens as versions before 2.1.270 do. */
  readonly oldContextUsage?: boolean;
  /** What each turn costs, USD; nothing unless given. */
  readonly costUsd?: number;
  /** Text tokens of an answer; 5 unless given. */
  readonly tokens?: number;
  /**
   * What the tokens say. `numbers`: `0 1 2 …`. `wide`: numbers between characters of two to four bytes. `clock`: see
   * {@link clockToken}. `transcript`: one token, the JSON of all that this process would send to the API.
   */
  readonly text?: 'numbers' | 'wide' | 'clock' | 'transcript';
  /** What is said instead, a word at a time; `tokens` then has no meaning. */
  readonly says?: string;
  /** Milliseconds between two tokens; 0, the default, is as fast as the reader takes them. */
  readonly intervalMs?: number;
  /** After its first token an answer waits until a file of this name is in CLAUDE_CONFIG_DIR. */
  readonly gate?: string;
  /** Lines that go out in one write; 32 unless given, 1 when there is an interval. */
  readonly linesPerWrite?: number;
  /** Cuts what is written into pieces of so many bytes, each in a turn of the event loop of its own. */
  readonly bytesPerWrite?: number;
  /** Tools that the first query of a conversation calls, all at once. */
  readonly calls?: readonly { readonly name: string; readonly input: Readonly<Record<string, unknown>> }[];
  /** Puts lines that are no JSON, or no messages, before every event. */
  readonly garbage?: boolean;
  /** Writes a line of so many bytes before the answer. */
  readonly longLineBytes?: number;
  /** Written to stderr at the start and with every query. */
  readonly stderr?: string;
  readonly exit?: Exit;
  /** What gets no reaction; `end of turn`: no `result` follows an answer; `limit`: no prompt is too long. */
  readonly ignores?: readonly Ignored[];
  /** `refused`: the CLI is too old to be asked for the plan. */
  readonly usage?: 'refused';
  /**
   * What becomes of `/clear`: `refused` answers without having emptied anything, `silent` does not answer, `residue` keeps
   * the command in the conversation whatever follows it.
   */
  readonly clear?: 'confirmed' | 'refused' | 'residue' | 'silent';
  /** Starts a process that stays; its id goes to `grandchild.pid` in CLAUDE_CONFIG_DIR. `holding` keeps stdout open. */
  readonly grandchild?: 'quiet' | 'holding';
}

export type Ignored =
  | 'limit'
  | 'control'
  | 'initialize'
  | 'interrupt'
  | 'end of input'
  | 'SIGTERM'
  | 'query'
  | 'end of turn';

/** The end that a process comes to by itself. */
export interface Exit {
  /** `token`: once the first half of the tokens is out. */
  readonly at: 'start' | 'initialize' | 'query' | 'token' | 'clear';
  /** The exit code; 1 unless given. */
  readonly code?: number;
  readonly signal?: NodeJS.Signals;
  /** How often it happens among all processes of one CLAUDE_CONFIG_DIR; always unless given. */
  readonly times?: number;
}

const fields: Readonly<Record<keyof Scenario, true>> = {
  version: true,
  loggedIn: true,
  replay: true,
  oldContextUsage: true,
  costUsd: true,
  tokens: true,
  text: true,
  says: true,
  intervalMs: true,
  gate: true,
  linesPerWrite: true,
  bytesPerWrite: true,
  calls: true,
  garbage: true,
  longLineBytes: true,
  stderr: true,
  exit: true,
  ignores: true,
  usage: true,
  clear: true,
  grandchild: true,
};

/** The scenario of this folder; a missing file is the plain one. Raises Error for a misspelt field. */
export function readScenario(configDir: string): Scenario {
  let text: string;
  try {
    text = readFileSync(`${configDir}/scenario.json`, 'utf8');
  } catch {
    return {};
  }
  return parseScenario(text);
}

const directive = /\[\[fake:(\{.*?\})\]\]/u;

/** The scenario of one turn: the process's own, changed by the directive in the user's text. */
export function turnScenario(base: Scenario, prompt: string): Scenario {
  const json = directive.exec(prompt)?.[1];
  return json === undefined ? base : { ...base, ...parseScenario(json) };
}

function parseScenario(json: string): Scenario {
  const scenario = JSON.parse(json) as Record<string, unknown>;
  for (const name of Object.keys(scenario)) {
    if (!(name in fields)) throw new Error(`a scenario has no field ${name}`);
  }
  return scenario;
}

/**
 * A token of `clock` text: nanoseconds of the monotonic clock that all processes of a machine share. `received` is when
 * the query came, `own` what this process spent on control requests before it, `written` when the token went out.
 */
export interface ClockToken {
  readonly received: bigint;
  readonly own: bigint;
  readonly written: bigint;
}

export function clockToken({ received, own, written }: ClockToken): string {
  return `<${received} ${own} ${written}>`;
}

/** Reads the clock tokens of a piece of text; a piece may hold several. */
export function readClockTokens(text: string): ClockToken[] {
  return [...text.matchAll(/<(\d+) (\d+) (\d+)>/gu)].map(([, received = '', own = '', written = '']) => ({
    received: BigInt(received),
    own: BigInt(own),
    written: BigInt(written),
  }));
}
