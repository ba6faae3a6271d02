import type { FileChange } from '../files/change.ts';
import type { Machine } from '../machine.ts';
import type { Api } from '../api.ts';
import type { Offer } from '../offer.ts';

/** How the user wants a client to use OCP. */
export interface Wishes {
  readonly api: Api;
  /** Whether OCP becomes the client's default; otherwise it stands beside what is there. */
  readonly isPrimary: boolean;
  /** The name under which the client lists OCP's models. */
  readonly providerName: string;
}

/** What makes a client use OCP. */
export interface ClientPlan {
  readonly changes: readonly FileChange[];
  /** What the user has to know or do besides. */
  readonly notes: readonly string[];
}

/** A tool that can use OCP. */
export interface Client {
  /** For `--only`. */
  readonly id: string;
  readonly name: string;
  /** What shows that it is here: a path or a program; undefined where it is not. */
  readonly detect: (machine: Machine) => string | undefined;
}

/** A client whose configuration is a file. */
export interface FileClient extends Client {
  /** The APIs of OCP that it can use; the first unless the user says otherwise. */
  readonly apis: readonly [Api, ...Api[]];
  /** Its files, for people. */
  readonly files: string;
  /** Asked first, because the answer is not always yes: the reason. */
  readonly careful?: (offer: Offer) => string;
  /** Whether its models can stand beside others without becoming its default. */
  readonly hasBackup: boolean;
  /** Whether its user chooses the provider's name and the place among other models. */
  readonly asksMore?: true;
  readonly plan: (machine: Machine, offer: Offer, wishes: Wishes) => ClientPlan;
  /** What makes it read its configuration again, as an imperative. */
  readonly reload?: string;
}

/** A client that keeps its settings in storage of its own: its user is told what to enter. */
export interface HintedClient extends Client {
  readonly hint: (machine: Machine, offer: Offer) => readonly string[];
}

/** A URL for a client of the Messages API, which some give with `/v1` and some without. */
export function urlFor(api: Api, { url, baseUrl }: Offer, messagesWithV1: boolean): string {
  return api === 'messages' && !messagesWithV1 ? url : baseUrl;
}

/** Tokens that a client is told where the server does not say how many a model has. */
export const cautiousContext = 200_000;
export const cautiousOutput = 32_000;
