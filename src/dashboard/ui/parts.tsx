import type { ComponentChildren } from 'preact';
import type { Resource } from '../lib/resource.ts';

/** Something that belongs together, under a heading. */
export function Card(props: { title?: string; side?: ComponentChildren; class?: string; children: ComponentChildren }) {
  const { title, side, children } = props;
  return (
    <section class={`card ${props.class ?? ''}`} aria-label={title}>
      {title === undefined ? null : (
        <div class="between">
          <h2>{title}</h2>
          {side}
        </div>
      )}
      {children}
    </section>
  );
}

export function PageHead(props: { title: string; about?: string; children?: ComponentChildren }) {
  return (
    <header class="page-head">
      <div>
        <h1>{props.title}</h1>
        {props.about === undefined ? null : <p>{props.about}</p>}
      </div>
      <div class="row">{props.children}</div>
    </header>
  );
}

export function Empty(props: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <strong>{props.title}</strong>
      {props.children}
    </div>
  );
}

export function Problem(props: { message: string | undefined; retry?: () => void }) {
  if (props.message === undefined) return null;
  return (
    <div class="notice bad row" role="alert">
      <span>{props.message}</span>
      {props.retry === undefined ? null : (
        <button type="button" class="button quiet" onClick={props.retry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** What was asked of the server once it is there; until then that it is on its way, or what went wrong. */
export function Loaded<T>(props: { from: Resource<T>; children: (data: T) => ComponentChildren }) {
  const { data, error, reload } = props.from;
  return (
    <>
      <Problem message={error} retry={reload} />
      {data === undefined ? (
        error === undefined ? (
          <div class="loading" role="status">
            <span class="hidden-text">Loading</span>
          </div>
        ) : null
      ) : (
        props.children(data)
      )}
    </>
  );
}

/** One of a few choices. */
export function Segments<T extends string | number>(props: {
  label: string;
  value: T;
  choices: readonly (readonly [T, string])[];
  onChange: (value: T) => void;
}) {
  return (
    <div class="segments" role="group" aria-label={props.label}>
      {props.choices.map(([value, text]) => (
        <button key={value} type="button" aria-pressed={value === props.value} onClick={() => props.onChange(value)}>
          {text}
        </button>
      ))}
    </div>
  );
}

/** One of several choices. */
export function Choice(props: {
  label: string;
  value: string;
  choices: readonly (readonly [string, string])[];
  onChange: (value: string) => void;
}) {
  return (
    <select
      class="input"
      aria-label={props.label}
      value={props.value}
      onChange={(event) => props.onChange(event.currentTarget.value)}
    >
      {props.choices.map(([value, text]) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </select>
  );
}
