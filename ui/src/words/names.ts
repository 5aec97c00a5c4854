/** Names and labels for what the agent tells in codes. */
import type { Disposition } from '../bindings/Disposition';
import type { Flow } from '../bindings/Flow';
import type { State } from '../bindings/State';

export const stateNames: Record<State, string> = {
  initial: 'Not started',
  connecting: 'Connecting',
  connected: 'Connected',
  disconnecting: 'Disconnecting',
  disconnected: 'Not connected',
};

export const flowNames: Record<Flow, string> = { ticket: 'Ticket', token: 'Token' };

/** Why a notification did not pop up; nothing where it did. */
export const quietReasons: Record<Disposition, string | null> = {
  pending: null,
  shown: null,
  summarized: 'Arrived with many others, in one summary.',
  do_not_disturb: 'Arrived quietly: do not disturb was on.',
  expired: 'Arrived quietly: it had expired.',
  already_read: 'Arrived quietly: you had read it on another device.',
  low_priority: 'Arrived quietly: its priority is the lowest.',
  quiet_hours: 'Arrived quietly: quiet hours.',
  muted: 'Arrived quietly: its account or topic is muted.',
  desktop_quiet: 'Arrived quietly: your desktop was set to do not disturb.',
  no_toasts: 'Arrived quietly: nothing here could show it.',
};

/** Who an account is; only guests have no name. */
export function called(username: string): string {
  return username || 'Guest';
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
  return count > 99 ? '99+' : String(count);
}
