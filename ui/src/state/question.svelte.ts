/** What is asked of the inbox: a search, and what the list is narrowed to. */
import type { InboxQuery } from '../bindings/InboxQuery';
import type { Item } from '../bindings/Item';
import type { Priority } from '../bindings/Priority';

/** From the least to the most. */
export const priorities: readonly Priority[] = ['min', 'low', 'default', 'high', 'urgent'];

/** Those that a list can be narrowed to; from the lowest on is everything. */
export const levels: readonly Priority[] = ['low', 'default', 'high', 'urgent'];

export interface Narrowing {
  unread: boolean;
  kept: boolean;
  account: string | null;
  topic: string | null;
  least: Priority | null;
}

const everything: Narrowing = { unread: false, kept: false, account: null, topic: null, least: null };

export class Question {
  search = $state('');
  narrowing = $state.raw<Narrowing>(everything);

  /** The search without what surrounds it; nothing asks for everything. */
  get text(): string {
    return this.search.trim();
  }

  get isNarrowed(): boolean {
    return Object.values(this.narrowing).some(Boolean);
  }

  /** Whether it asks for less than everything. */
  get isPartial(): boolean {
    return this.isNarrowed || this.text !== '';
  }

  narrow(change: Partial<Narrowing>): void {
    this.narrowing = { ...this.narrowing, ...change };
  }

  widen(): void {
    this.narrowing = everything;
  }

  /** As the agent takes it. */
  get query(): Omit<InboxQuery, 'before' | 'limit'> {
    const { unread, kept, account, topic, least } = this.narrowing;
    return { unread, kept, account, topic, least_priority: least, search: this.text || null };
  }

  /** Whether a notification is among what the list is narrowed to; what a search finds is the agent's to say. */
  takes(item: Item): boolean {
    const { unread, kept, account, topic, least } = this.narrowing;
    return (
      !(unread && item.read) &&
      !(kept && !item.kept) &&
      (account === null || item.account === account) &&
      (topic === null || item.topic === topic) &&
      (least === null || priorities.indexOf(item.priority) >= priorities.indexOf(least))
    );
  }
}
