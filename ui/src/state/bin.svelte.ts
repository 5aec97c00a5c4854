/** What was deleted a moment ago, and can be taken back by one word. */
import type { Transport } from '../ipc';
import { inPortions } from './portions';

/** Long enough to read the word and to reach for it. */
export const GRACE_MS = 10_000;

export class Bin {
  /** What one word brings back: all that was deleted since nothing was left to bring back. */
  ids = $state.raw<number[]>([]);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  async remove(ids: number[]): Promise<void> {
    await this.#transport.control({ method: 'delete', params: { ids } });
    this.ids = [...this.ids, ...ids];
    this.release();
  }

  /** Brings back what there is; false if there is nothing. */
  async undo(): Promise<boolean> {
    let left = this.ids;
    if (left.length === 0) return false;
    this.empty();
    try {
      await inPortions(left, async (ids) => {
        await this.#transport.control({ method: 'restore', params: { ids } });
        left = left.slice(ids.length);
      });
    } catch (error) {
      this.ids = left;
      this.release();
      throw error;
    }
    return true;
  }

  /** Waits for as long as somebody is about to decide. */
  hold(): void {
    clearTimeout(this.#timer);
  }

  release(): void {
    clearTimeout(this.#timer);
    if (this.ids.length > 0) this.#timer = setTimeout(() => this.empty(), GRACE_MS);
  }

  empty(): void {
    clearTimeout(this.#timer);
    this.ids = [];
  }
}
