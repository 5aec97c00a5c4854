import { describe, expect, it } from 'vitest';

import { gist, isPlain, parse, type Block, type Inline } from '../src/markdown';

/** All that a tree would show, in order. */
function shown(parts: (Block | Inline)[]): string {
  return parts
    .map((part) => {
      if ('text' in part) return part.text;
      if ('inline' in part) return shown(part.inline);
      if ('blocks' in part) return shown(part.blocks);
      if (part.kind === 'list') return part.items.map((entry) => shown(entry.blocks)).join('');
      if (part.kind === 'table') return [part.head, ...part.rows].flat().map(shown).join('');
      return part.kind === 'break' ? '\n' : '';
    })
    .join('');
}

const kinds = (text: string) => parse(text).map((block) => block.kind);
const inline = (text: string) => {
  const [block] = parse(text);
  return block && 'inline' in block ? block.inline : [];
};

describe('Markdown', () => {
  it('is taken apart into blocks', () => {
    expect(kinds('# A\n\nb\n\n- c\n\n> d\n\n```\ne\n```\n\n| f |\n| - |\n| g |\n\n---')).toEqual([
      'heading', 'paragraph', 'list', 'quote', 'code', 'table', 'rule',
    ]);
  });

  it('keeps lines as they were written', () => {
    expect(inline('one\ntwo')).toEqual([{ kind: 'text', text: 'one' }, { kind: 'break' }, { kind: 'text', text: 'two' }]);
  });

  it('knows tasks, numbers and what is nested', () => {
    const [list] = parse('3. three\n   - [x] done\n   - [ ] to do');
    expect(list).toMatchObject({ kind: 'list', start: 3 });
    const nested = list?.kind === 'list' ? list.items[0]?.blocks[1] : undefined;
    expect(nested).toMatchObject({ kind: 'list', start: null, items: [{ done: true }, { done: false }] });
  });

  it('leaves names with underscores alone', () => {
    expect(inline('keepalive::closes_after_silence')).toEqual([{ kind: 'text', text: 'keepalive::closes_after_silence' }]);
  });

  it('has links and pictures of the web', () => {
    expect(inline('[log](https://a.example/1?b=c) ![graph](http://a.example/g.png) https://b.example/x')).toEqual([
      { kind: 'link', url: 'https://a.example/1?b=c', inline: [{ kind: 'text', text: 'log' }] },
      { kind: 'text', text: ' ' },
      { kind: 'picture', url: 'http://a.example/g.png', text: 'graph' },
      { kind: 'text', text: ' ' },
      { kind: 'link', url: 'https://b.example/x', inline: [{ kind: 'text', text: 'https://b.example/x' }] },
    ]);
  });

  it.each([
    '[x](javascript:alert(1))',
    '[x](JaVaScRiPt:alert(1))',
    '[x](data:text/html,hello)',
    '[x](file:///etc/passwd)',
    '[x](//a.example)',
    '[x](/settings)',
    '[x](tidings://add?server=evil.example)',
    '![x](data:image/svg+xml,<svg/onload=alert(1)>)',
    '<javascript:alert(1)>',
    'a@example.com',
    'www.example.com',
  ])('makes no link of %s, and shows it as it is', (text) => {
    const parts = inline(text);
    expect(parts.every((part) => part.kind === 'text')).toBe(true);
    expect(shown(parts)).toBe(text);
  });

  it.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    'a <b>c</b> d',
    '<!-- hidden -->',
    '<div>\n\n*x*\n\n</div>'.replaceAll('*', ''),
    '[note]: https://a.example "hidden"',
  ])('shows HTML and what Markdown would hide: %s', (text) => {
    expect(isPlain(parse(text))).toBe(true);
    expect(shown(parse(text)).replace(/\s+/g, '')).toBe(text.replace(/\s+/g, ''));
  });

  it('survives what was written to break it', () => {
    const deep = `${'>'.repeat(20_000)} x`;
    const nested = '* '.repeat(3_000);
    const long = 'x'.repeat(100_000);
    for (const text of [deep, nested, long, '['.repeat(5_000), '**a '.repeat(4_000)]) {
      expect(parse(text).length).toBeGreaterThan(0);
    }
    expect(shown(parse(long))).toBe(long);
  });

  it('is plain where there is nothing to format', () => {
    expect(isPlain(parse('Two lines,\nand no more.\n\nAnd 2 < 3 & 4 * 5.'))).toBe(true);
    expect(isPlain(parse('One **word**.'))).toBe(false);
  });
});

describe('the gist of a text', () => {
  it.each([
    ['94 % of /var is used; 6 h left at this pace: (see) "it", 3 - 2 = 1 & more', '94 % of /var is used; 6 h left at this pace: (see) "it", 3 - 2 = 1 & more'],
    ['one\n\ntwo\nhttps://a.example/x_y', 'one two https://a.example/x_y'],
    ['Title\n---\nand more', 'Title and more'],
    ['Title\n===', 'Title'],
    ['1. one\n2) two', 'one two'],
    ['  + one\n  - two', 'one two'],
    ['\\*', '*'],
    ['~~no~~ a_b_c', 'no a_b_c'],
    ['    code', 'code'],
  ])('is the same whether there is something to take apart in %j or not', (text, told) => expect(gist(text)).toBe(told));

  it('is one line of it, without what formats it', () => {
    expect(gist('# Disk **full**\n\n- `db-2`\n- [graph](https://a.example)\n\n| a | b |\n| - | - |\n| c | d |')).toBe(
      'Disk full db-2 graph a b c d',
    );
  });

  it('is short, however long the text is', () => {
    expect(gist('word '.repeat(10_000)).length).toBeLessThan(250);
  });
});
