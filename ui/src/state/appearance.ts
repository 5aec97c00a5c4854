/** How the whole window is coloured: as the system, or as the person has chosen. */
import type { Theme } from '../bindings/Theme';

/** Puts a theme on, at once. `styles/tokens.css` knows what it means. */
export function wear(theme: Theme): void {
  const root = document.documentElement;
  if (theme === 'system') delete root.dataset['theme'];
  else root.dataset['theme'] = theme;
}
