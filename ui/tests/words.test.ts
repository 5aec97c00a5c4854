import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { waitFor } from '@testing-library/svelte';
import { parse } from 'svelte/compiler';
import { afterEach, describe, expect, it } from 'vitest';

import { en } from '../src/words/en';
import { speak, words } from '../src/words/index.svelte';
import { ptBR } from '../src/words/pt-BR';
import { day, exact, short } from '../src/words/time';
import { FakeAgent, usual } from './fake/agent';
import { get, open } from './app';

afterEach(() => speak('system'));

/** Every word of a language by where it stands: `inbox.search`. */
function leaves(part: object, path = ''): [string, unknown][] {
  return Object.entries(part).flatMap(([name, value]): [string, unknown][] =>
    typeof value === 'object' && value !== null ? leaves(value, `${path}${name}.`) : [[path + name, value]],
  );
}

describe('the words of the languages', () => {
  const english = new Map(leaves(en));
  const brazilian = new Map(leaves(ptBR));

  it('are the same ones, none missing and none left over', () => {
    expect([...brazilian.keys()]).toEqual([...english.keys()]);
    for (const [name, word] of brazilian) expect(typeof word, name).toBe(typeof english.get(name));
  });

  it('are not empty where the other language has some', () => {
    for (const [name, word] of brazilian) expect(word === '', name).toBe(english.get(name) === '');
  });

  it('take the same number of things to tell', () => {
    for (const [name, word] of brazilian) {
      const other = english.get(name);
      if (typeof word === 'function' && typeof other === 'function') expect(word.length, name).toBe(other.length);
    }
  });

  it('are translated', () => {
    // names, units, and words that both languages have borrowed
    const alike =
      /^(dates\.|language$|keys\.names\.|frame\.many|connection\.dialects\.(gotify|ntfy)|priorities\.default|entry\.proofs\.token|accounts\.programs\.gotify_tray|settings\.languages\.)/;
    for (const [name, word] of brazilian) {
      if (typeof word !== 'string' || word === '' || alike.test(name)) continue;
      expect(word, name).not.toBe(english.get(name));
    }
  });

  it('raise no voice', () => {
    for (const [name, word] of [...english, ...brazilian]) expect(String(word), name).not.toMatch(/[a-zç]!/);
  });
});

it('count in the forms of their language', () => {
  expect(en.connection.unreadable(1)).toBe('1 unreadable message');
  expect(en.connection.unreadable(2_000)).toBe('2,000 unreadable messages');
  expect(ptBR.connection.unreadable(1)).toBe('1 mensagem ilegível');
  expect(ptBR.connection.unreadable(2_000)).toBe('2.000 mensagens ilegíveis');
});

describe('dates', () => {
  const now = new Date(2026, 10, 22, 14, 2, 30).getTime();
  const at = (...parts: [number, number, number, number, number]) => new Date(...parts).toISOString();

  it('are written as the language writes them', () => {
    speak('pt-BR');
    expect(short(at(2026, 10, 22, 14, 2), now)).toBe('agora');
    expect(short(at(2026, 10, 22, 9, 5), now)).toBe('09:05');
    expect(short(at(2026, 10, 18, 9, 5), now)).toBe('18 de nov.');
    expect(day(at(2026, 10, 22, 0, 0), now)).toBe('Hoje');
    expect(day(at(2026, 10, 21, 0, 0), now)).toBe('Ontem');
    expect(day(at(2026, 10, 18, 0, 0), now)).toBe('Quarta-feira, 18 de novembro');
    expect(exact(at(2026, 10, 18, 9, 5))).toContain('18 de novembro de 2026');
  });
});

describe('the region of the dates', () => {
  const late = new Date(2026, 10, 22, 21, 5).toISOString();
  const clock = () => short(late, Date.parse(late) + 3 * 3_600_000).replaceAll('\u202f', ' ');
  afterEach(() => speakers(['en-GB']));

  it('is the person’s, where it speaks the language', () => {
    speakers(['en-US', 'en']);
    expect(clock()).toBe('9:05 PM');
    speakers(['en-GB']);
    expect(clock()).toBe('21:05');
    speak('en');
    speakers(['pt-BR']);
    expect(clock()).toBe('21:05');
  });
});

describe('the window’s language', () => {
  afterEach(() => speakers(['en-GB']));

  it('is the one that was chosen, at once and everywhere', async () => {
    const fake = new FakeAgent({ settings: { ...usual, language: 'pt-BR' } });
    await open(fake);
    expect(get('nav-settings').textContent).toContain('Ajustes');
    expect(document.documentElement.lang).toBe('pt-BR');
    fake.change({ settings: { ...usual, language: 'en' } });
    await waitFor(() => expect(get('nav-settings').textContent).toContain('Settings'));
    expect(document.documentElement.lang).toBe('en');
  });

  it.each([
    [['pt-PT', 'en-US'], 'pt-BR'],
    [['de-DE', 'pt-BR', 'en'], 'pt-BR'],
    [['en-GB'], 'en'],
    [['de-DE'], 'en'],
  ])('is the first of %j that there are words for', (preferred, language) => {
    speakers(preferred);
    expect(words().language).toBe(language);
  });
});

function speakers(languages: string[]): void {
  Object.defineProperty(navigator, 'languages', { value: languages, configurable: true });
  dispatchEvent(new Event('languagechange'));
}

/** What a page would say that no language file knows of. */
describe('words outside of the language files', () => {
  const src = join(import.meta.dirname, '../src');
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(
    (file) => /\.(svelte|ts)$/.test(file) && !/^(bindings|words)\//.test(file),
  );

  it.each(files.filter((file) => file.endsWith('.svelte')))('are not in the markup of %s', (file) => {
    expect(outside(readFileSync(join(src, file), 'utf8'))).toEqual([]);
  });

  it.each(files)('are not in the code of %s', (file) => {
    const source = readFileSync(join(src, file), 'utf8');
    const code = file.endsWith('.svelte') ? (/<script lang="ts">([\s\S]*?)<\/script>/.exec(source)?.[1] ?? '') : source;
    const literals = code.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '').match(/'[^'\n]*'|`[^`]*`/g) ?? [];
    // a sentence, or a word that begins one
    expect(literals.filter((text) => /^['`][A-ZÀ-Ý][a-zà-ÿ]+( [a-zà-ÿ]|['`.…]$)/.test(text))).toEqual(
      literals.filter((text) => isName(text)),
    );
  });

  it('are found by this test', () => {
    expect(outside('<p>Some words</p>')).toEqual(['Some words']);
    expect(outside('<p aria-label="Some words" title={on ? "Off" : name}>{`Open ${name}`}</p>')).toEqual([
      'Some words',
      'Off',
      'Open ',
    ]);
    expect(outside('<p class="Row" data-testid="Row">{name} · 4</p>')).toEqual([]);
  });
});

/** The names of keys and of the application are the same in every language. */
const names = new Set([
  'Tidings',
  ...['Enter', 'Escape', 'Home', 'End', 'Delete', 'Backspace', 'Tab', 'Space', 'Shift', 'Control'],
]);
const isName = (literal: string) => names.has(literal.slice(1, -1));

const told = new Set(['aria-label', 'aria-description', 'aria-roledescription', 'title', 'placeholder', 'alt', 'label', 'name', 'hint', 'sentence', 'text']);

interface Node {
  type: string;
  [key: string]: unknown;
}

/** The words in a component's markup: text, attributes that are read out, and literals in its expressions. */
function outside(source: string): string[] {
  const found: string[] = [];
  const tree = parse(source, { modern: true });
  walk(tree.fragment as unknown as Node, false);
  return found;

  function walk(node: Node, expression: boolean): void {
    switch (node.type) {
      case 'Text':
        return note(String(node['data']), /\p{L}{2}/u);
      case 'Attribute': {
        const value = node['value'];
        const parts = (Array.isArray(value) ? value : [value]) as (Node | boolean)[];
        for (const part of parts) {
          if (typeof part === 'boolean') continue;
          // a name or an id is not for people, a word with a capital in an attribute that is read out is
          if (part.type !== 'Text') walk(part, true);
          else if (told.has(String(node['name']))) note(String(part['data']), /\p{Lu}|\p{L} \p{L}/u);
        }
        return;
      }
      case 'Literal':
        if (expression) note(String(node['value']), /^\p{Lu}\p{Ll}|\p{L} \p{L}/u);
        return;
      case 'TemplateElement':
        return note((node['value'] as { cooked: string }).cooked, /\p{Lu}\p{Ll}|\p{L} \p{L}/u);
      case 'StyleDirective':
      case 'ClassDirective':
        return;
      case 'ExpressionTag':
        expression = true;
    }
    for (const [name, part] of Object.entries(node)) {
      if (name === 'parent' || name === 'metadata') continue;
      for (const child of Array.isArray(part) ? part : [part]) {
        if (typeof child === 'object' && child !== null && 'type' in child) walk(child as Node, expression);
      }
    }
  }

  function note(text: string, words: RegExp): void {
    if (words.test(text) && !names.has(text.trim())) found.push(text);
  }
}
