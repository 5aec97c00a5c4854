/** Tags that are pictures: the short names that ntfy and chats have made usual. */
import lines from 'virtual:emoji';

let known: ReadonlyMap<string, string> | undefined;

/** Taken apart when the first tag is seen. */
function pictures(): ReadonlyMap<string, string> {
  known ??= new Map(
    lines.split('\n').flatMap((line) => {
      const [picture = '', ...names] = line.split(' ');
      return names.map((name) => [name, picture] as const);
    }),
  );
  return known;
}

/** Tags parted into those that are pictures, and the rest. */
export function emojiOf(tags: string[]): { emoji: string[]; rest: string[] } {
  if (tags.length === 0) return { emoji: [], rest: [] };
  const all = pictures();
  return { emoji: tags.flatMap((tag) => all.get(tag) ?? []), rest: tags.filter((tag) => !all.has(tag)) };
}
