/** What a command may touch; everything comes in, so that tests can run commands without a process. */
export interface CommandContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder of OCP's package.json. */
  readonly packageRoot: string;
  readonly io: CommandIo;
}

export interface CommandIo {
  /** Writes one line to the standard output. */
  readonly stdout: (line: string) => void;
  /** Writes text to the standard output as it is, for text that arrives in pieces. */
  readonly write: (text: string) => void;
  /** Writes one line to the standard error output. */
  readonly stderr: (line: string) => void;
  /** Aborted when the user or the system asks OCP to stop. */
  readonly signal: AbortSignal;
}

/** One `ocp` command. */
export interface Command {
  /** One line for `ocp --help`. */
  readonly summary: string;
  /**
   * Runs the command with the arguments after its name and gives the exit status. May raise ConfigError and the errors
   * of `parseArgs`, which become one line and the exit status 2.
   */
  readonly run: (argv: readonly string[], context: CommandContext) => Promise<number>;
}
