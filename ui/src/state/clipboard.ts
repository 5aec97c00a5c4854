/**
 * Copying a text. The engines differ: some refuse the clipboard to a page unless it asks for it by a permission that the
 * window does not give, but all of them copy what is selected while a button is being pressed. So that is done first.
 */

/** True if it was copied. To be called from within a press. */
export async function copy(text: string): Promise<boolean> {
  if (copySelected(text)) return true;
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

function copySelected(text: string): boolean {
  const focused = document.activeElement;
  const area = document.createElement('textarea');
  area.value = text;
  area.readOnly = true;
  area.className = 'spoken selectable';
  area.ariaHidden = 'true';
  document.body.append(area);
  try {
    area.select();
    return document.execCommand('copy');
  } catch {
    return false;
  } finally {
    area.remove();
    if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
  }
}
