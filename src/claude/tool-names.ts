/** Names that the CLI keeps for itself: a client's tool of that name would vanish from the list without a word. */
const RESERVED = new Set(['ToolSearch', 'StructuredOutput']);
/** What the CLI leaves unchanged in a name. */
const PLAIN = /^[A-Za-z0-9_.-]{1,128}$/u;
/** What a CLI that does not know CLAUDE_AGENT_SDK_MCP_NO_PREFIX puts before each name. */
const PREFIX = 'mcp__ocp__';
/** Names that the CLI's list shows under another one, while the model gets them unchanged. */
const SHOWN_AS: ReadonlyMap<string, string> = new Map([['Agent', 'Task']]);

/** The client's tool names and the names under which the CLI knows them, both ways. */
export interface ToolNames {
  /** Whether every name of the client's is the CLI's too. */
  readonly isPlain: boolean;
  toCli(name: string): string;
  toClient(name: string): string;
}

/**
 * Names of requests come here as form/alias.ts wrote them, which the CLI takes as they are; what is left to do is to read them
 * back from a CLI that puts its prefix before them. Names that did not come that way get an alias.
 */
export function toolNames(names: readonly string[]): ToolNames {
  const cliNames = new Map<string, string>();
  const clientNames = new Map<string, string>();
  const wanted = new Set(names);
  for (const name of names) {
    const isPlain = PLAIN.test(name) && !RESERVED.has(name);
    const cliName = isPlain ? name : freeName(name, (candidate) => wanted.has(candidate) || clientNames.has(candidate));
    cliNames.set(name, cliName);
    clientNames.set(cliName, name);
  }
  return {
    isPlain: [...cliNames].every(([name, cliName]) => name === cliName),
    toCli: (name) => cliNames.get(name) ?? name,
    toClient: (name) => {
      const known = clientNames.get(name);
      if (known !== undefined) return known;
      const bare = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name;
      return clientNames.get(bare) ?? bare;
    },
  };
}

/** The tools of `names` that the CLI did not take over, by the client's names. */
export function missingTools(
  names: ToolNames,
  wanted: readonly string[],
  offered: readonly string[],
): readonly string[] {
  const present = new Set(offered.map((name) => names.toClient(name)));
  return wanted.filter((name) => !present.has(name) && !present.has(SHOWN_AS.get(name) ?? name));
}

function freeName(name: string, isTaken: (candidate: string) => boolean): string {
  const base = `client_${name.replaceAll(/[^A-Za-z0-9_-]/gu, '_').slice(0, 48)}`;
  let candidate = base;
  for (let count = 2; isTaken(candidate); count += 1) candidate = `${base}_${count}`;
  return candidate;
}
