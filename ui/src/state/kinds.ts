/** The kinds of server, and how a person can prove who they are to each. */
import type { Dialect } from '../bindings/Dialect';

export type Kind = 'tidings' | 'gotify' | 'ntfy';

/** How to prove it: by user and password, by a token of one's own, or not at all. */
export type Proof = 'password' | 'token' | 'nobody';

/** The kind of server that speaks a dialect. */
export const kindOf = (dialect: Dialect): Kind => (dialect === 'ticket' || dialect === 'token' ? 'tidings' : dialect);

/** What can be chosen from, the usual one first. */
export const proofs: Record<Kind, readonly Proof[]> = {
  tidings: ['password'],
  gotify: ['password', 'token'],
  ntfy: ['nobody', 'password', 'token'],
};

/** The topics in a text that people type or paste: names with commas or spaces between them, or their addresses. */
export function topicsIn(text: string): string[] {
  const names = text.split(/[\s,;]+/).map((word) => word.replace(/^https?:\/\/.*\/(?=[^/]+\/?$)/i, '').replace(/\/$/, ''));
  return [...new Set(names.filter(Boolean))];
}
