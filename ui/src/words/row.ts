/**
 * A row as a screen reader tells it: how it stands, and then all that is seen of it, in the same order, so that whoever
 * speaks to the computer can call it by what they read (WCAG 2.5.3).
 */
import type { Item } from '../bindings/Item';
import { words } from './index.svelte';
import { short } from './time';

/** The row's words; `text` is the gist of its body, and `account` the name of its account, where there are several. */
export function rowWords(item: Item, text: string, account: string, now: number): string {
  const said = words();
  const marked = item.priority === 'high' || item.priority === 'urgent';
  const priority = said.priorities[item.priority];
  const parts = [
    !item.read && said.inbox.unread,
    item.kept && said.inbox.kept,
    !marked && item.priority !== 'default' && said.inbox.ofPriority(priority),
    item.title || text || said.inbox.untitled,
    marked && priority,
    short(item.created_at, now),
    account,
    item.topic,
    item.title && text,
    said.shortReasons[item.disposition],
  ];
  return parts.filter(Boolean).join(', ');
}
