/**
 * The rows of the inbox that are loaded, newest first. It owns paging, what is asked for, and which rows are at hand;
 * what is read and what exists is the agent's, and comes back as events.
 */
import type { Account } from '../bindings/Account';
import type { Event } from '../bindings/Event';
import type { Failure } from '../bindings/Failure';
import type { InboxQuery } from '../bindings/InboxQuery';
import type { Item } from '../bindings/Item';
import { asFailure, type Transport } from '../ipc';
import { Bin } from './bin.svelte';
import { Gathering } from './gathering';
import { inPortions } from './portions';
import { Question, type Narrowing } from './question.svelte';
import { indexOf, merge, patch, without, type Row } from './rows';
import { Selection } from './selection.svelte';

/** The first page is soon there, the others far apart. */
const FIRST_PAGE = 50;
const PAGE = 200;

interface Arrival {
  item: Item;
  /** It was not there before; else it is back. */
  fresh: boolean;
}

export class Inbox {
  rows = $state.raw<Row[]>([]);
  /** The first page has not come yet. */
  loading = $state(true);
  failure = $state.raw<Failure | null>(null);
  /** No row is older than the last one that is loaded. */
  complete = $state(false);
  /** The row that keys act on. */
  cursor = $state<number | null>(null);
  /** The row that is open. */
  opened = $state<number | null>(null);
  /** How many have arrived while somebody looked. */
  arrived = $state(0);

  readonly question = new Question();
  readonly selection = new Selection();
  readonly bin: Bin;

  #next: number | null = null;
  #asking = false;
  // answers to an older question are dropped
  #asked = 0;
  #wanted: number | null = null;
  #transport: Transport;
  readonly #arrivals = new Gathering<Arrival>((arrivals) => this.#takeIn(arrivals));

  constructor(transport: Transport) {
    this.#transport = transport;
    this.bin = new Bin(transport);
  }

  get current(): Row | null {
    return this.rows[indexOf(this.rows, this.opened)] ?? null;
  }

  /** What a command is for: the selected rows, else the open one, else the one at hand. */
  get targets(): Row[] {
    const { selection } = this;
    if (selection.size > 0) return this.rows.filter((row) => selection.has(row.id));
    const row = this.rows[indexOf(this.rows, this.opened ?? this.cursor)];
    return row ? [row] : [];
  }

  /** Loads the first page of what is asked for; what is shown stays until it has come. */
  async load(): Promise<void> {
    const asked = ++this.#asked;
    this.#asking = true;
    try {
      const page = await this.#some(asked, null, FIRST_PAGE);
      if (!page) return;
      this.rows = merge([], page.items);
      this.#end(page.next);
      this.failure = null;
      if (this.#wanted !== null) await this.show(this.#wanted);
    } catch (error) {
      if (asked === this.#asked) this.failure = asFailure(error);
    } finally {
      if (asked === this.#asked) this.loading = this.#asking = false;
    }
  }

  /** Loads the next page, if there is one. */
  async more(): Promise<void> {
    if (this.#asking || this.#next === null) return;
    const asked = this.#asked;
    this.#asking = true;
    try {
      const page = await this.#some(asked, this.#next, PAGE);
      if (!page) return;
      this.rows = merge(this.rows, page.items);
      this.#end(page.next);
    } catch (error) {
      if (asked === this.#asked) this.failure = asFailure(error);
    } finally {
      if (asked === this.#asked) this.#asking = false;
    }
  }

  async search(text: string): Promise<void> {
    this.question.search = text;
    await this.#anew();
  }

  async narrow(change: Partial<Narrowing>): Promise<void> {
    this.question.narrow(change);
    await this.#anew();
  }

  /** Loads anew as accounts have come or gone; the list is no longer narrowed to one that is not there. */
  async settle(accounts: Account[]): Promise<void> {
    const { account } = this.question.narrowing;
    if (!accounts.some(({ id }) => id === account)) this.question.narrow({ account: null });
    await this.load();
  }

  async widen(): Promise<void> {
    this.question.widen();
    await this.#anew();
  }

  /** Opens a row wherever it is, as when its toast was clicked. */
  async show(id: number): Promise<void> {
    this.#wanted = null;
    if (indexOf(this.rows, id) < 0) {
      if (this.loading) {
        this.#wanted = id;
        return;
      }
      const { items } = await this.#ask({ before: id + 1, limit: 1 });
      const found = items.find((item) => item.id === id);
      if (!found) return;
      this.rows = merge(this.rows, [found]);
    }
    await this.open(id);
  }

  /** Opens a row, which marks it as read. */
  async open(id: number): Promise<void> {
    this.selection.clear();
    this.cursor = this.opened = id;
    if (this.current && !this.current.read) await this.mark([id], true);
  }

  close(): void {
    this.opened = null;
  }

  async mark(ids: number[], read: boolean): Promise<void> {
    await inPortions(ids, async (some) => {
      await this.#transport.control({ method: read ? 'mark_read' : 'mark_unread', params: { ids: some } });
      this.#patch(some, { read });
    });
  }

  async keep(ids: number[], kept: boolean): Promise<void> {
    await inPortions(ids, async (some) => {
      await this.#transport.control({ method: 'keep', params: { ids: some, kept } });
      this.#patch(some, { kept });
    });
  }

  async remove(ids: number[]): Promise<void> {
    await inPortions(ids, async (some) => {
      await this.bin.remove(some);
      this.#remove(some);
    });
  }

  /** The row before or after the one at hand; the first or last there is at the end. */
  neighbour(step: number): number | null {
    const at = indexOf(this.rows, this.cursor);
    // without a row at hand, the first step down leads to the first
    const from = at < 0 && step < 0 ? 0 : at;
    const to = Math.min(this.rows.length - 1, Math.max(0, from + step));
    return this.rows[to]?.id ?? null;
  }

  /** Takes in what the agent tells. */
  hear(event: Event): void {
    switch (event.event) {
      case 'read':
        return this.#patch(event.value.ids, { read: true });
      case 'unread':
        return this.#patch(event.value.ids, { read: false });
      case 'kept':
        return this.#patch(event.value.ids, { kept: event.value.kept });
      case 'removed':
        return this.#remove(event.value.ids);
      case 'restored':
        return this.#arrivals.add(...event.value.items.map((item) => ({ item, fresh: false })));
      case 'replaced':
        return this.#replace(event.value.previous, event.value.item);
      case 'notification':
        return this.#arrivals.add({ item: event.value, fresh: true });
    }
  }

  #takeIn(arrivals: Arrival[]): void {
    // whether it matches is for the agent's index to say
    if (this.question.text) return void this.#look();
    // what is older than the last row comes with its page
    const last = this.complete ? -Infinity : (this.rows.at(-1)?.id ?? -Infinity);
    const taken = arrivals.filter(({ item }) => item.id > last && this.question.takes(item));
    this.arrived += taken.filter(({ item, fresh }) => fresh && indexOf(this.rows, item.id) < 0).length;
    this.rows = merge(this.rows, taken.map(({ item }) => item));
  }

  /** Sees what of the newest is found now; the rest stays where it is. */
  async #look(): Promise<void> {
    const asked = this.#asked;
    try {
      const page = await this.#some(asked, null, FIRST_PAGE);
      if (page) this.rows = merge(this.rows, page.items);
    } catch (error) {
      if (asked === this.#asked) this.failure = asFailure(error);
    }
  }

  #replace(previous: number, item: Item): void {
    this.#arrivals.add({ item, fresh: true });
    this.#arrivals.flush();
    this.rows = without(this.rows, new Set([previous]));
    // whoever looks at the old one sees what has become of it
    if (this.cursor === previous) this.cursor = item.id;
    if (this.opened === previous) this.opened = item.id;
  }

  #patch(ids: number[], change: Partial<Row>): void {
    this.#arrivals.flush();
    this.rows = patch(this.rows, new Set(ids), change);
  }

  #remove(ids: number[]): void {
    this.#arrivals.flush();
    const gone = new Set(ids);
    const { rows } = this;
    this.rows = without(rows, gone);
    this.selection.forget(gone);
    if (this.cursor !== null && gone.has(this.cursor)) {
      // the next older one, else the next newer one
      const at = indexOf(rows, this.cursor);
      const left = rows.slice(at).find((row) => !gone.has(row.id)) ?? this.rows.findLast((row) => row.id > this.cursor!);
      this.cursor = left?.id ?? null;
    }
    if (this.opened !== null && gone.has(this.opened)) this.opened = null;
    if (this.rows.length === 0) void this.more();
  }

  /** For another question, what was selected and where one was means nothing any more. */
  async #anew(): Promise<void> {
    this.selection.clear();
    await this.load();
  }

  #end(next: number | null): void {
    this.#next = next;
    this.complete = next === null;
  }

  /** A page with rows in it, or the last: the agent answers a slow search in parts, and some are empty. Nothing when it
   * is no longer asked for. */
  async #some(asked: number, before: number | null, limit: number) {
    for (;;) {
      const page = await this.#ask({ ...this.question.query, before, limit });
      if (asked !== this.#asked) return null;
      if (page.items.length > 0 || page.next === null) return page;
      before = page.next;
    }
  }

  async #ask(params: InboxQuery) {
    const reply = await this.#transport.control({ method: 'inbox', params });
    return reply.reply === 'inbox' ? reply.value : { items: [], next: null };
  }
}
