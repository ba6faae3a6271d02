/** How far a request is that is not over yet. */
export type LiveState = 'waiting' | 'working' | 'streaming';

/** Whose request it is and what it asks for. */
export interface LiveOrigin {
  /** On whose account it goes. */
  readonly account: string;
  /** The caller's name. */
  readonly caller: string;
  readonly surface: string;
  readonly client: string;
  /** The model that is to answer. */
  readonly model: string;
  /** Unix ms. */
  readonly startedAt: number;
}

/** A request that is not over yet. */
export interface LiveRequest extends LiveOrigin {
  readonly id: number;
  readonly state: LiveState;
  /** When its first event came, Unix ms; null before. */
  readonly firstEventAt: number | null;
  /** Characters of the answer so far. */
  readonly characters: number;
}

/** What the way of a request tells of it. */
export interface LiveHandle {
  /** It has its place and is with a worker. */
  working(): void;
  /** An event came, with so many characters of the answer in it. */
  event(at: number, characters: number): void;
  end(): void;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The requests that wait or run, for whoever looks on. */
export class LiveRequests {
  readonly #requests = new Map<number, Mutable<LiveRequest>>();
  #lastId = 0;

  /** The oldest first. */
  list(): readonly LiveRequest[] {
    return [...this.#requests.values()];
  }

  begin(origin: LiveOrigin): LiveHandle {
    const id = (this.#lastId += 1);
    const request: Mutable<LiveRequest> = { ...origin, id, state: 'waiting', firstEventAt: null, characters: 0 };
    this.#requests.set(id, request);
    return {
      working: () => {
        request.state = 'working';
      },
      event: (at, characters) => {
        request.firstEventAt ??= at;
        request.state = 'streaming';
        request.characters += characters;
      },
      end: () => void this.#requests.delete(id),
    };
  }
}
