/** Where the person is. */
import type { Failure } from '../bindings/Failure';
import type { SignInHint } from '../bindings/SignInHint';

/** The groups of settings. */
export const groups = ['accounts', 'notifications', 'general', 'advanced'] as const;
export type SettingsGroup = (typeof groups)[number];

export type Name = 'inbox' | 'connection' | 'settings';

/** Side by side from here on, in CSS pixels. */
const WIDE = '(min-width: 760px)';

export class Place {
  name = $state<Name>('inbox');
  /** Which of the settings are seen. */
  group = $state<SettingsGroup>('accounts');
  /** Signing in to one more account, or again; filled in with this. */
  signIn = $state.raw<SignInHint | null>(null);
  /** A link asks to add this; the person has not answered yet. */
  asked = $state.raw<SignInHint | null>(null);
  /** Why a link that was clicked is not followed. */
  refused = $state.raw<Failure | null>(null);
  /** Somebody has moved in, and others may follow before the page is left. */
  staying = $state(false);
  /** Looking at what has arrived while nobody is signed in. */
  looking = $state(false);
  /** The account whose technical detail was asked for. */
  details = $state<string | null>(null);
  wide = $state(false);
  /** What the list is narrowed to is at hand. */
  filtering = $state(false);
  /** The list of keys is open. */
  keys = $state(false);
  /** Notifications are shown as they were written. */
  plain = $state(false);

  constructor() {
    const query = globalThis.matchMedia?.(WIDE);
    this.wide = query?.matches ?? false;
    query?.addEventListener('change', (event) => (this.wide = event.matches));
  }

  go(name: Name): void {
    this.name = name;
    this.signIn = null;
    this.staying = false;
    this.details = null;
  }

  showDetails(account: string): void {
    this.go('connection');
    this.details = account;
  }
}
