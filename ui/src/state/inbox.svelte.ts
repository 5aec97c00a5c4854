/**
 * The rows of the inbox that are loaded, newest first. It owns paging, search and filter, and which row is at hand;
 * what is read and what exists is the agent's, and comes back as events.
 */
import type { Event } from '../bindings/Event';
import type { Failure } from '../bindings/Failure';
import type { InboxQuery } from '../bindings/InboxQuery';
import type { Item } from '../bindings/Item';
import { asFailure, type Transport } from '../ipc';

const PAGE = 50;

export class Inbox {
  rows = $state.raw<Item[]>([]);
  /** The first page has not come yet. */
  loading = $state(true);
  failure = $state.raw<Failure | null>(null);
  unreadOnly = $state(false);
  search = $state('');
  /** The row that keys act on. */
  cursor = $state<number | null>(null);
  /** The row that is open. */
  opened = $state<number | null>(null);

  #next: number | null = null;
  #asking = false;
  // answers to an older question are dropped
  #question = 0;
  #wanted: number | null = null;
  #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  get current(): Item | null {
    return this.rows.find((row) => row.id === this.opened) ?? null;
  }

  get filtered(): boolean {
    return this.unreadOnly || this.search.trim() !== '';
  }

  /** Loads the first page of what is asked for; what is shown stays until it has come. */
  async load(): Promise<void> {
    const question = ++this.#question;
    this.#asking = true;
    try {
      const page = await this.#ask({ before: null, limit: PAGE });
      if (question !== this.#question) return;
      this.rows = page.items;
      this.#next = page.next;
      this.failure = null;
      if (this.#wanted !== null) await this.show(this.#wanted);
    } catch (error) {
      if (question === this.#question) this.failure = asFailure(error);
    } finally {
      if (question === this.#question) this.loading = this.#asking = false;
    }
  }

  /** Loads the next page, if there is one. */
  async more(): Promise<void> {
    if (this.#asking || this.#next === null) return;
    const question = this.#question;
    this.#asking = true;
    try {
      const page = await this.#ask({ before: this.#next, limit: PAGE });
      if (question !== this.#question) return;
      const last = this.rows.at(-1)?.id ?? Infinity;
      this.rows = [...this.rows, ...page.items.filter((item) => item.id < last)];
      this.#next = page.next;
    } catch (error) {
      if (question === this.#question) this.failure = asFailure(error);
    } finally {
      if (question === this.#question) this.#asking = false;
    }
  }

  /** Asks anew, for another search or filter. */
  async ask(change: { search?: string; unreadOnly?: boolean }): Promise<void> {
    this.search = change.search ?? this.search;
    this.unreadOnly = change.unreadOnly ?? this.unreadOnly;
    await this.load();
  }

  /** Opens a row wherever it is, as when its toast was clicked. */
  async show(id: number): Promise<void> {
    this.#wanted = null;
    if (!this.rows.some((row) => row.id === id)) {
      if (this.loading) {
        this.#wanted = id;
        return;
      }
      const { items } = await this.#ask({ before: id + 1, limit: 1, anywhere: true });
      const found = items.find((item) => item.id === id);
      if (!found) return;
      this.rows = [...this.rows, found].sort((a, b) => b.id - a.id);
    }
    await this.open(id);
  }

  /** Opens a row, which marks it as read. */
  async open(id: number): Promise<void> {
    this.cursor = this.opened = id;
    if (this.current && !this.current.read) await this.markRead([id]);
  }

  close(): void {
    this.opened = null;
  }

  async markRead(ids: number[]): Promise<void> {
    await this.#transport.control({ method: 'mark_read', params: { ids } });
    this.#setRead(new Set(ids));
  }

  /** The row before or after the one at hand; the first or last there is at the end. */
  neighbour(step: number): number | null {
    const at = this.rows.findIndex((row) => row.id === this.cursor);
    // without a row at hand, the first step down leads to the first
    const from = at < 0 && step < 0 ? 0 : at;
    const to = Math.min(this.rows.length - 1, Math.max(0, from + step));
    return this.rows[to]?.id ?? null;
  }

  /** Takes in what the agent tells. */
  hear(event: Event): void {
    if (event.event === 'read') {
      this.#setRead(new Set(event.value.ids));
    } else if (event.event === 'replaced') {
      this.#replace(event.value.previous, event.value.item);
    } else if (event.event === 'notification') {
      this.#arrive(event.value);
    }
  }

  #arrive(item: Item): void {
    // whether it matches is for the agent's index to say
    if (this.search.trim()) void this.load();
    else if (this.unreadOnly && item.read) return;
    else this.rows = [item, ...this.rows.filter((row) => row.id !== item.id)].sort((a, b) => b.id - a.id);
  }

  #replace(previous: number, item: Item): void {
    this.rows = this.rows.filter((row) => row.id !== previous);
    this.#arrive(item);
    // whoever looks at the old one sees what has become of it
    if (this.cursor === previous) this.cursor = item.id;
    if (this.opened === previous) this.opened = item.id;
  }

  #setRead(ids: Set<number>): void {
    if (this.rows.some((row) => ids.has(row.id) && !row.read)) {
      this.rows = this.rows.map((row) => (ids.has(row.id) ? { ...row, read: true } : row));
    }
  }

  async #ask(query: { before: number | null; limit: number; anywhere?: boolean }) {
    const params: InboxQuery = { before: query.before, limit: query.limit };
    if (!query.anywhere) {
      params.unread = this.unreadOnly;
      params.search = this.search.trim() || null;
    }
    const reply = await this.#transport.control({ method: 'inbox', params });
    return reply.reply === 'inbox' ? reply.value : { items: [], next: null };
  }
}
