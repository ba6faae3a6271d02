/** Where something of the CLI is described by those who make it. */
export type Source =
  /** A type in `sdk.d.ts` of `@anthropic-ai/claude-agent-sdk`. */
  | { readonly sdk: string }
  /** `claude --help`, by the flag or command as it stands there. */
  | { readonly help: string }
  /** A page of Claude Code's documentation, below https://code.claude.com/docs/en/. */
  | { readonly page: string }
  /** The Messages API: what the CLI passes on of it. */
  | { readonly api: string }
  /** Described nowhere: found by trying, and kept by the tests alone. */
  | 'observed';

export type Kind = 'command' | 'flag' | 'variable' | 'request' | 'question' | 'written' | 'read' | 'behaviour';

/** Something of the CLI that OCP relies on. */
export interface Row {
  readonly kind: Kind;
  readonly name: string;
  /** What OCP relies on. */
  readonly use: string;
  readonly source: Source;
  /** Members of a message, by their own names. */
  readonly fields?: readonly string[];
  /** Those of the members that the source does not describe. */
  readonly observed?: readonly string[];
  /** Contract tests that prove it, as `suite: test`; or a test of OCP's own, as `file: test`. At least one. */
  readonly tests: readonly string[];
}

/** An endpoint of OCP and who decides how it behaves. */
export interface EndpointRow {
  readonly method: string;
  /** As in the OpenAPI description: `/v1/models/{model}`. */
  readonly path: string;
  /** A section of a reference of OpenAI or Anthropic, or a document of this repository. */
  readonly authority: readonly Authority[];
}

export type Authority = { readonly openai: string } | { readonly anthropic: string } | { readonly document: string };
