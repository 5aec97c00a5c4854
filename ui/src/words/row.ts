/** A row as a screen reader tells it: what it is called first, what it says last. */
import type { Item } from '../bindings/Item';
import { gist } from '../markdown';
import { words } from './index.svelte';
import { short } from './time';

/** The row's words; `account` is the name of its account, where there are several. */
export function rowWords(item: Item, account: string, now: number): string {
  const said = words();
  const parts = [
    item.title || gist(item.body) || said.inbox.untitled,
    !item.read && said.inbox.unread,
    item.priority !== 'default' && said.inbox.ofPriority(said.priorities[item.priority]),
    item.kept && said.inbox.kept,
    short(item.created_at, now),
    account,
    item.topic,
    said.shortReasons[item.disposition],
    item.title && gist(item.body),
  ];
  return parts.filter(Boolean).join(', ');
}
