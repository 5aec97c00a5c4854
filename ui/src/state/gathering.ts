/** What comes in one by one, handed on together: the first at once, those in its wake a moment later. */

/** Nobody reads faster, and in a flood the page has most of the time for whoever uses it. */
const PAUSE_MS = 250;

export class Gathering<T> {
  #waiting: T[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #give: (things: T[]) => void;

  constructor(give: (things: T[]) => void) {
    this.#give = give;
  }

  add(...things: T[]): void {
    this.#waiting.push(...things);
    if (this.#timer !== undefined) return;
    this.flush();
    this.#rest();
  }

  /** Hands on what waits, for what has to come after it. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    const things = this.#waiting;
    this.#waiting = [];
    this.#give(things);
  }

  #rest(): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#waiting.length === 0) return;
      this.flush();
      this.#rest();
    }, PAUSE_MS);
  }
}
