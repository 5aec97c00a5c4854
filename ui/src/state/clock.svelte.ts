/** The time as the pages see it. It ticks only while something on screen reads it. */
import { createSubscriber } from 'svelte/reactivity';

class Clock {
  #subscribe: () => void;

  constructor(interval: number) {
    this.#subscribe = createSubscriber((update) => {
      const timer = setInterval(update, interval);
      return () => clearInterval(timer);
    });
  }

  get now(): number {
    this.#subscribe();
    return Date.now();
  }
}

/** For countdowns: four times a second, so that a second is never skipped. */
export const fine = new Clock(250);

/** For what changes by the minute. */
export const minute = new Clock(60_000);

/** For relative times. */
export const coarse = new Clock(15_000);
