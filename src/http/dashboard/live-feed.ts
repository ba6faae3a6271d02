import type { FastifyReply, FastifyRequest } from 'fastify';
import { OcpError } from '../../wire/errors.ts';
import { doorOf } from '../door.ts';
import { ownerOf } from '../owner.ts';
import { EventStream } from './event-stream.ts';
import type { LiveSource } from './live-views.ts';
import { liveView, statusView } from './live-views.ts';
import type { News, Viewer } from './news.ts';

/** Pages that one owner may have open, by what kind of owner it is. */
const MOST_OF_ONE: Readonly<Record<Kind, number>> = { admin: 16, person: 8, many: 8, stranger: 32 };
/** Pages that all owners of a kind may have open: nobody takes the places of another kind. */
const MOST_OF_KIND: Readonly<Record<Kind, number>> = { admin: 16, person: 256, many: 64, stranger: 32 };
/** How often it is looked whether what is shown has changed, ms. Nothing is done while no page is open. */
const TICK_MS = 500;
/** How often the plan is asked about while an admin looks on; the CLI is asked only where that is due, ms. */
const PLAN_MS = 60_000;

/** The admin; a person with a key; those who come with a key that many have; somebody unknown. */
type Kind = 'admin' | 'person' | 'many' | 'stranger';

/** Whose places a page takes. */
interface Seat {
  readonly kind: Kind;
  readonly owner: string;
}

export interface LiveFeedOptions extends LiveSource {
  readonly news: News;
  /** Names this run of the server. */
  readonly run: string;
  /** Asks the CLI anew about the plan, where that is due. */
  readonly refreshPlan: () => void;
}

/** The open pages. */
export class LiveFeed {
  readonly #options: LiveFeedOptions;
  readonly #streams = new Map<EventStream, Seat>();
  #timer: NodeJS.Timeout | undefined;
  #planAskedAt = 0;

  constructor(options: LiveFeedOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#streams.size;
  }

  /**
   * Answers a request with what happens from now on, or from where the page lost its connection. Raises OcpError
   * `rate_limit_exceeded` when too many pages are open.
   */
  open(request: FastifyRequest, reply: FastifyReply, viewer: () => Viewer | undefined): void {
    const seat = seatOf(request, viewer()?.isAdmin === true);
    const alike = [...this.#streams.values()].filter(({ kind }) => kind === seat.kind);
    const own = alike.filter(({ owner }) => owner === seat.owner);
    if (own.length >= MOST_OF_ONE[seat.kind] || alike.length >= MOST_OF_KIND[seat.kind]) {
      throw new OcpError('rate_limit_exceeded', 'Too many dashboards are open.', { retryAfterSeconds: 30 });
    }
    const lastEventId = request.headers['last-event-id'];
    reply.hijack();
    const stream = new EventStream({
      response: reply.raw,
      news: this.#options.news,
      run: this.#options.run,
      lastEventId: typeof lastEventId === 'string' ? lastEventId : undefined,
      viewer,
      now: this.#options.health.now,
    });
    this.#streams.set(stream, seat);
    reply.raw.once('close', () => this.#leave(stream));
    this.#show(stream);
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS).unref();
  }

  /** Asks of every page whether its viewer may still see it: a key or a session may have ended. */
  recheck(): void {
    for (const stream of this.#streams.keys()) stream.recheck();
  }

  /** Tells every page that OCP stops. */
  close(): void {
    clearInterval(this.#timer);
    for (const stream of this.#streams.keys()) stream.close('stopping');
  }

  #leave(stream: EventStream): void {
    this.#streams.delete(stream);
    if (this.#streams.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    for (const stream of this.#streams.keys()) this.#show(stream);
  }

  #show(stream: EventStream): void {
    const { viewer } = stream;
    if (viewer === undefined) return;
    const now = this.#options.health.now();
    if (viewer.isAdmin && Math.abs(now - this.#planAskedAt) >= PLAN_MS) {
      this.#planAskedAt = now;
      this.#options.refreshPlan();
    }
    stream.show('status', statusView(this.#options, viewer));
    const live = liveView(this.#options, viewer);
    if (live !== undefined) stream.show('live', live);
  }
}

function seatOf(request: FastifyRequest, isAdmin: boolean): Seat {
  const { caller } = request;
  if (isAdmin) return { kind: 'admin', owner: 'admin' };
  if (caller === undefined) return { kind: 'stranger', owner: 'stranger' };
  if (caller.role === 'key') return { kind: 'person', owner: ownerOf(caller) };
  return { kind: 'many', owner: `${caller.role} ${doorOf(request).place}` };
}
