/** Compiles only where every value of the first type may stand for one of the second. */
export type Assignable<Narrow extends Wide, Wide> = [Narrow, Wide];

/** Our types are readonly throughout, which says nothing about the wire. */
export type Mutable<T> =
  T extends ReadonlyArray<infer Item>
    ? Mutable<Item>[]
    : T extends object
      ? { -readonly [K in keyof T]: Mutable<T[K]> }
      : T;
