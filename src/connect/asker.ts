/** Asks the user. Each raises ConnectError when the user breaks off. */
export interface Asker {
  readonly confirm: (question: string, preset: boolean) => Promise<boolean>;
  readonly text: (question: string, preset: string) => Promise<string>;
  /** Something that is not shown while it is typed; empty where nothing was. */
  readonly secret: (question: string) => Promise<string>;
  /** One of several; gives its index. */
  readonly choose: (question: string, options: readonly string[], preset: number) => Promise<number>;
}

/** Takes every default without asking. */
export const presets: Asker = {
  confirm: async (_question, preset) => preset,
  text: async (_question, preset) => preset,
  secret: async () => '',
  choose: async (_question, _options, preset) => preset,
};
