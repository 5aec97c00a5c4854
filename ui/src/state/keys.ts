/** How far a key moves through the list. */
const steps: Record<string, number> = {
  ArrowDown: 1,
  j: 1,
  ArrowUp: -1,
  k: -1,
  PageDown: 8,
  PageUp: -8,
  Home: -Infinity,
  End: Infinity,
};

/** The step of a key, unless it is meant for something else: a shortcut, a field, scrolling in what is being read. */
export function stepOf(event: KeyboardEvent): number | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
  const at = event.target instanceof Element ? event.target : null;
  if (at?.closest('input, select')) return undefined;
  if (at?.closest('article') && event.key !== 'j' && event.key !== 'k') return undefined;
  return steps[event.key];
}
