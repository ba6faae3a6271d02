import { useEffect, useRef, useState } from 'preact/hooks';
import { ask, messageOf } from './api.ts';
import type { Happening } from './live.ts';
import { listen } from './live.ts';

/** Something that was asked of the server. */
export interface Resource<T> {
  /** What came last; stays while it is asked for anew. */
  readonly data: T | undefined;
  readonly error: string | undefined;
  readonly isLoading: boolean;
  readonly reload: () => void;
}

/** What happens often is not asked about each time, ms. */
const CALM_MS = 1500;

/**
 * Asks the server for something, again when the path changes, and again when one of these things has happened. Undefined
 * as the path asks for nothing.
 */
export function useResource<T>(path: string | undefined, on: readonly Happening[] = []): Resource<T> {
  const [state, setState] = useState<{ path?: string; data?: T; error?: string; isLoading: boolean }>({
    isLoading: true,
  });
  const turn = useRef(0);
  const load = async (): Promise<void> => {
    if (path === undefined) return;
    const mine = (turn.current += 1);
    setState((before) => ({ ...before, isLoading: true }));
    try {
      const data = await ask<T>(path);
      if (mine === turn.current) setState({ path, data, isLoading: false });
    } catch (error) {
      if (mine === turn.current) setState((before) => ({ ...before, error: messageOf(error), isLoading: false }));
    }
  };
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    void load();
    return () => void (turn.current += 1);
  }, [path]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const forget = listen((name) => {
      if (name !== 'refresh' && !on.includes(name)) return;
      timer ??= setTimeout(
        () => {
          timer = undefined;
          void latest.current();
        },
        name === 'request' || name === 'log' ? CALM_MS : 0,
      );
    });
    return () => {
      clearTimeout(timer);
      forget();
    };
  }, [on.join(' ')]);
  return {
    data: state.data,
    error: state.error,
    isLoading: state.isLoading,
    reload: () => void load(),
  };
}

/** An action that a person starts: whether it is under way, and what went wrong. */
export interface Action {
  readonly isBusy: boolean;
  readonly error: string | undefined;
  readonly run: (work: () => Promise<void>) => void;
}

export function useAction(): Action {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<string | undefined>(undefined);
  const act = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await work();
    } catch (problem) {
      setError(messageOf(problem));
    } finally {
      setBusy(false);
    }
  };
  return { isBusy, error, run: (work) => void act(work) };
}

/** The time, anew every so many ms, for what is shown as a distance from now. */
export function useNow(everyMs: number, read: () => number): number {
  const [, setTick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setTick((tick) => tick + 1), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  // Read anew each time, as the difference between the clocks is only known after a moment.
  return read();
}
