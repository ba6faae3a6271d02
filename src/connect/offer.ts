import type { Line, ListedModel } from './server.ts';
import { findModel } from './server.ts';

/** What a server offers to the clients of a machine. */
export interface Offer {
  /** Without `/v1`: what clients of the Messages API take. */
  readonly url: string;
  /** With `/v1`: what clients of OpenAI's APIs take. */
  readonly baseUrl: string;
  /** The key that clients send; a placeholder where the server wants none, because most clients insist on one. */
  readonly key: string;
  readonly hasKey: boolean;
  readonly models: readonly ListedModel[];
  /** What clients use unless they are told otherwise: the server's default. */
  readonly main: ListedModel;
  /** What clients use on the side, for titles and the like: the server's `haiku`, else the main one. */
  readonly small: ListedModel;
  /** Ids by the family names that the server knows. */
  readonly families: Readonly<Partial<Record<Family, string>>>;
}

export const familyNames = ['fable', 'opus', 'sonnet', 'haiku'] as const;
export type Family = (typeof familyNames)[number];

/** What is sent where the server asks for no key. */
export const placeholderKey = 'no-key-needed';

/** Works out what the server offers; `models` is its list, which must have an entry. */
export async function makeOffer(line: Line, models: readonly [ListedModel, ...ListedModel[]]): Promise<Offer> {
  const listed = (id: string | undefined): ListedModel | undefined => models.find((model) => model.id === id);
  const [preset, ...found] = await Promise.all(['default', ...familyNames].map(async (name) => findModel(line, name)));
  const families = Object.fromEntries(
    familyNames.flatMap((name, index) => {
      const model = listed(found[index]);
      return model === undefined ? [] : [[name, model.id]];
    }),
  ) as Offer['families'];
  // A server that does not name its default has one of the middle size for it.
  const main = listed(preset) ?? listed(families.sonnet) ?? models[0];
  const small = listed(families.haiku) ?? models.find((model) => model.id.includes('haiku')) ?? main;
  return {
    url: line.url,
    baseUrl: `${line.url}/v1`,
    key: line.key ?? placeholderKey,
    hasKey: line.key !== undefined,
    models,
    main,
    small,
    families,
  };
}
