/** A sequence that was found: where it begins in the text searched so far (UTF-16 units), and which one it is. */
export interface SequenceMatch {
  readonly start: number;
  readonly sequence: string;
}

interface Searched {
  readonly sequence: string;
  /** Knuth-Morris-Pratt: for each matched length, the longest shorter one that the same text matches as well. */
  readonly fallback: Uint32Array;
  /** How much of the beginning of the sequence the end of the text matches. */
  matched: number;
}

/**
 * Finds the first occurrence of any of several sequences in a text that comes in pieces, reading every character once.
 * First is the one that begins first; of those that begin at the same place, the longest.
 */
export class SequenceSearch {
  readonly #searched: readonly Searched[];
  #position = 0;
  #candidate: SequenceMatch | undefined;

  /** `sequences` are non-empty. */
  constructor(sequences: readonly string[]) {
    this.#searched = sequences.map((sequence) => ({ sequence, fallback: fallbacks(sequence), matched: 0 }));
  }

  /** Forgets the text, for a new one. */
  restart(): void {
    this.#position = 0;
    this.#candidate = undefined;
    for (const searched of this.#searched) searched.matched = 0;
  }

  /** Reads on; returns the match as soon as no later text can change it. */
  read(piece: string): SequenceMatch | undefined {
    for (let i = 0; i < piece.length; i += 1) {
      const unit = piece.charCodeAt(i);
      this.#position += 1;
      for (const searched of this.#searched) this.#step(searched, unit);
      if (this.#candidate !== undefined && this.#decided(this.#candidate)) return this.#candidate;
    }
    return undefined;
  }

  /** The match of a text that has ended: a longer one that had only begun no longer counts. */
  finish(): SequenceMatch | undefined {
    return this.#candidate;
  }

  /** Everything before this offset is certainly in front of any match. */
  settled(): number {
    let settled = this.#candidate?.start ?? this.#position;
    for (const { matched } of this.#searched) settled = Math.min(settled, this.#position - matched);
    return settled;
  }

  #step(searched: Searched, unit: number): void {
    const { sequence, fallback } = searched;
    let { matched } = searched;
    if (matched === sequence.length) matched = fallback[matched - 1] ?? 0;
    while (matched > 0 && sequence.charCodeAt(matched) !== unit) matched = fallback[matched - 1] ?? 0;
    if (sequence.charCodeAt(matched) === unit) matched += 1;
    searched.matched = matched;
    if (matched === sequence.length) this.#offer({ start: this.#position - matched, sequence });
  }

  #offer(match: SequenceMatch): void {
    const best = this.#candidate;
    if (
      best === undefined ||
      match.start < best.start ||
      (match.start === best.start && match.sequence.length > best.sequence.length)
    ) {
      this.#candidate = match;
    }
  }

  #decided(candidate: SequenceMatch): boolean {
    return this.#searched.every(
      ({ sequence, matched }) => matched === sequence.length || this.#position - matched > candidate.start,
    );
  }
}

function fallbacks(sequence: string): Uint32Array {
  const table = new Uint32Array(sequence.length);
  let matched = 0;
  for (let i = 1; i < sequence.length; i += 1) {
    const unit = sequence.charCodeAt(i);
    while (matched > 0 && sequence.charCodeAt(matched) !== unit) matched = table[matched - 1] ?? 0;
    if (sequence.charCodeAt(matched) === unit) matched += 1;
    table[i] = matched;
  }
  return table;
}
