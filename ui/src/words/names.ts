/** Names of what the agent tells in addresses, codes and numbers. */
import { words } from './index.svelte';

/** Who an account is; only guests have no name. */
export function called(username: string): string {
  return username || words().connection.guest;
}

/** The part of a server's address that a person knows it by. */
export function host(server: string): string {
  try {
    const url = new URL(server);
    return url.host + (url.pathname === '/' ? '' : url.pathname.replace(/\/$/, ''));
  } catch {
    return server;
  }
}

/** Where a link leads, as its owner is known: the host alone. */
export function site(link: string): string {
  try {
    return new URL(link).host;
  } catch {
    return link;
  }
}

/** A count for a badge. */
export function badge(count: number): string {
  return count > 99 ? words().frame.many : String(count);
}
