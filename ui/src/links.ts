/** Addresses in a text that is nothing but text. */
import { isWeb, type Inline } from './markdown';

/** A text parted into what is a web address and what is not; joined again, it is the same. */
export function linked(text: string): Inline[] {
  const parts: Inline[] = [];
  let at = 0;
  const put = (until: number) => {
    if (until > at) parts.push({ kind: 'text', text: text.slice(at, until) });
  };
  for (const match of text.matchAll(/\bhttps?:\/\/[^\s<>"`]+/gi)) {
    const url = withoutEnd(match[0]);
    if (!isWeb(url)) continue;
    put(match.index);
    parts.push({ kind: 'link', url, inline: [{ kind: 'text', text: url }] });
    at = match.index + url.length;
  }
  put(text.length);
  return parts;
}

/** What ends a sentence, or closes what was opened before the address, is not part of it. */
function withoutEnd(url: string): string {
  const bare = url.replace(/[.,;:!?'’”…*_]+$/, '');
  const close = bare.at(-1) ?? '';
  const opening = { ')': '(', ']': '[', '}': '{' }[close];
  if (opening === undefined) return bare;
  const unopened = bare.split(close).length > bare.split(opening).length;
  return unopened ? withoutEnd(bare.slice(0, -1)) : bare;
}
