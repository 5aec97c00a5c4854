// Returns what of the page does not fit its window, in words: a list that is empty where all does.
const words = (element) => {
  const text = (element.innerText || element.getAttribute('aria-label') || '').trim().replace(/\s+/g, ' ').slice(0, 40);
  const name = element.dataset?.testid ? `[${element.dataset.testid}]` : element.className?.baseVal ?? element.className;
  return `<${element.localName} ${name}> “${text}”`;
};
// what only a screen reader is told is clipped away, it or what it is in
const clipped = (element) => element && (getComputedStyle(element).clipPath !== 'none' || clipped(element.parentElement));
// what is behind a dialog can be neither reached nor read until it is answered
const asked = document.querySelector('dialog:modal');
const shown = (element) =>
  element.checkVisibility({ checkOpacity: false, checkVisibilityCSS: true }) &&
  !element.closest('[inert]') &&
  !clipped(element) &&
  (!asked || asked.contains(element));
const complaints = [];
const root = document.documentElement;
if (root.scrollWidth > innerWidth) complaints.push(`the page is ${root.scrollWidth} wide in a window of ${innerWidth}`);
// nothing in the window scrolls all of it: what has the keys would push the bars out
const high = Math.max(root.scrollHeight, document.body.scrollHeight);
if (high > innerHeight) complaints.push(`the page is ${high} high in a window of ${innerHeight}`);
for (const element of document.body.querySelectorAll('*')) {
  if (element.closest('svg, option') || !shown(element)) continue;
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  if (box.width === 0 || box.height === 0) continue;
  // it goes out of the window at the side, where nothing scrolls
  if (box.right > innerWidth + 1 || box.left < -1) complaints.push(`${words(element)} reaches from ${box.left} to ${box.right} in ${innerWidth}`);
  const own = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  const clips = (axis) => ['hidden', 'clip'].includes(style[`overflow${axis}`]);
  // text that is cut off at the side says so by an ellipsis; the whole is in a title or one click away
  if (own && clips('X') && style.textOverflow !== 'ellipsis' && element.scrollWidth > element.clientWidth + 1)
    complaints.push(`${words(element)} is cut off at ${element.clientWidth} of ${element.scrollWidth} px`);
  if (clips('Y') && element.scrollHeight > element.clientHeight + 2 && element.clientHeight > 0 && element.innerText?.trim())
    complaints.push(`${words(element)} is cut off below ${element.clientHeight} of ${element.scrollHeight} px`);
}
// whatever can be pressed must be there to be pressed
for (const element of document.querySelectorAll('button, a[href], input, select, textarea, summary, [role=switch]')) {
  if (element.disabled || !shown(element)) continue;
  element.scrollIntoView({ block: 'nearest', inline: 'nearest', behavior: 'instant' });
  const box = element.getBoundingClientRect();
  if (box.width === 0 || box.height === 0) continue;
  const at = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  const hit = at && (element.contains(at) || at.contains(element) || [...(element.labels ?? [])].some((label) => label.contains(at)));
  if (!hit) complaints.push(`${words(element)} is covered by ${at ? words(at) : 'nothing, as it is outside'}`);
}
return complaints;
