/** The options of every command that asks a running server. */
export const remoteOptions = {
  url: {
    type: 'string',
    value: 'URL',
    description: "the server's address (this machine's own server; OCP_PROXY_URL names another)",
  },
  key: {
    type: 'string',
    value: 'KEY',
    description: 'key for it (OCP_ADMIN_KEY, else the admin key that setup wrote; other users see what stands here)',
  },
} as const;

/** What the options hold where they were given. */
export interface RemoteValues {
  readonly url?: string;
  readonly key?: string;
}

/** The same, of a command that prints what it was told. */
export interface AskValues extends RemoteValues {
  readonly json?: boolean;
}
