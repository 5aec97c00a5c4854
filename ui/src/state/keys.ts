/** What the keys of the inbox mean. */

export type Command = 'read' | 'unread' | 'keep' | 'delete' | 'undo' | 'all' | 'search';

const letters: Record<string, Command> = { e: 'read', u: 'unread', s: 'keep', z: 'undo', '/': 'search', Delete: 'delete' };
const withControl: Record<string, Command> = { z: 'undo', a: 'all', f: 'search', Backspace: 'delete' };

/** How far a key moves through the list; a page has so many rows. */
const steps: Record<string, (page: number) => number> = {
  ArrowDown: () => 1,
  j: () => 1,
  ArrowUp: () => -1,
  k: () => -1,
  PageDown: (page) => page,
  PageUp: (page) => -page,
  Home: () => -Infinity,
  End: () => Infinity,
};

const within = (event: KeyboardEvent, css: string) => event.target instanceof Element && event.target.closest(css) !== null;

/** Whether a key is somebody else's: a field's, a menu's, a dialog's. */
export function isTaken(event: KeyboardEvent): boolean {
  return event.defaultPrevented || within(event, 'input, select, textarea, [role=menu], dialog');
}

/** The command of a key, unless it is meant for something else. */
export function commandOf(event: KeyboardEvent): Command | undefined {
  if (isTaken(event) || event.altKey) return undefined;
  return event.ctrlKey || event.metaKey ? withControl[event.key] : letters[event.key];
}

/** The step of a key, unless it is meant for something else: scrolling in what is being read among it. */
export function stepOf(event: KeyboardEvent, page: number): number | undefined {
  if (isTaken(event) || event.ctrlKey || event.metaKey || event.altKey) return undefined;
  if (within(event, 'article') && event.key !== 'j' && event.key !== 'k') return undefined;
  return steps[event.key]?.(page);
}
