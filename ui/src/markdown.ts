/**
 * What a notification says, as Markdown. It is taken apart into a tree that the page draws part by part, so nothing that
 * a stranger wrote is ever markup: HTML in it is text, a link is asked of the agent, a picture waits for permission.
 */
import { Lexer, type Token, type Tokens } from 'marked';

export type Block =
  | { kind: 'paragraph' | 'heading'; inline: Inline[] }
  | { kind: 'code'; text: string }
  | { kind: 'quote'; blocks: Block[] }
  | { kind: 'list'; start: number | null; items: Entry[] }
  | { kind: 'table'; head: Inline[][]; rows: Inline[][][] }
  | { kind: 'rule' };

export interface Entry {
  /** Done or to do, where it is a task. */
  done: boolean | null;
  blocks: Block[];
}

export type Inline =
  | { kind: 'text' | 'code'; text: string }
  | { kind: 'strong' | 'emphasis' | 'struck'; inline: Inline[] }
  | { kind: 'link'; url: string; inline: Inline[] }
  | { kind: 'picture'; url: string; text: string }
  | { kind: 'break' };

/** Deeper than anybody writes; what is nested deeper is text. */
const DEEPEST = 12;

/** Longer than anybody reads with care; what is longer is text. */
const LONGEST = 32_768;

/** Takes Markdown apart. A line that ends is a line that ends, as people write messages. */
export function parse(text: string): Block[] {
  if (text.length > LONGEST) return [paragraph(text)];
  try {
    return new Reader(text).blocks(new Lexer({ gfm: true, breaks: true }).lex(text), 0);
  } catch {
    // nested so deeply that it was written to break a reader
    return [paragraph(text)];
  }
}

/** As much as a row of the list holds. */
const GLANCE = 240;

/** Without any of these, no Markdown formats anything: most of what is sent has nothing to take apart. */
const FORMATS = /[\\`*_~#<>[\]|]|^[ \t]*(?:[-+=]|\d+[.)])/m;

/** The beginning of a text on one line, without what only formats it; in a plain text, nothing does. */
export function gist(text: string, plain = false): string {
  const start = text.length > GLANCE ? text.slice(0, GLANCE) : text;
  return (plain || !FORMATS.test(start) ? start : wordsOf(parse(start))).replace(/\s+/g, ' ').trim();
}

function wordsOf(parts: (Block | Inline)[]): string {
  return parts.map(words).join('');
}

function words(part: Block | Inline): string {
  switch (part.kind) {
    case 'paragraph':
    case 'heading':
      return `${wordsOf(part.inline)} `;
    case 'strong':
    case 'emphasis':
    case 'struck':
    case 'link':
      return wordsOf(part.inline);
    case 'quote':
      return wordsOf(part.blocks);
    case 'list':
      return part.items.map((entry) => wordsOf(entry.blocks)).join('');
    case 'table':
      return [part.head, ...part.rows].map((row) => `${row.map(wordsOf).join(' ')} `).join('');
    case 'text':
    case 'code':
    case 'picture':
      return part.text;
    case 'break':
    case 'rule':
      return ' ';
  }
}

/** Whether there is no more to it than lines of text. */
export function isPlain(blocks: Block[]): boolean {
  return blocks.every(
    (block) => block.kind === 'paragraph' && block.inline.every((part) => part.kind === 'text' || part.kind === 'break'),
  );
}

/** Whether an address is one that the agent opens or fetches. */
export function isWeb(url: string): boolean {
  return /^https?:\/\//i.test(url) && URL.canParse(url);
}

const paragraph = (raw: string): Block => ({ kind: 'paragraph', inline: [{ kind: 'text', text: raw.trimEnd() }] });

class Reader {
  constructor(readonly source: string) {}

  blocks(tokens: Token[], depth: number): Block[] {
    return tokens.flatMap((token) => this.#block(token, depth));
  }

  #block(token: Token, depth: number): Block[] {
    if (depth > DEEPEST) return [paragraph(token.raw)];
    switch (token.type) {
      case 'space':
      case 'checkbox':
        return [];
      case 'hr':
        return [{ kind: 'rule' }];
      case 'heading':
        return [{ kind: 'heading', inline: this.#inline((token as Tokens.Heading).tokens, depth + 1) }];
      case 'code':
        return [{ kind: 'code', text: (token as Tokens.Code).text }];
      case 'blockquote':
        return [{ kind: 'quote', blocks: this.blocks((token as Tokens.Blockquote).tokens, depth + 1) }];
      case 'list':
        return [this.#list(token as Tokens.List, depth)];
      case 'table':
        return [this.#table(token as Tokens.Table, depth)];
      case 'paragraph':
      case 'text': {
        const { tokens } = token as Tokens.Paragraph | Tokens.Text;
        return tokens ? [{ kind: 'paragraph', inline: this.#inline(tokens, depth + 1) }] : [paragraph(token.raw)];
      }
      default:
        // HTML, and whatever else there may ever be: nothing that was written is left out
        return [paragraph(token.raw)];
    }
  }

  #list(list: Tokens.List, depth: number): Block {
    const items = list.items.map((item) => ({
      done: item.task ? item.checked === true : null,
      blocks: this.blocks(item.tokens, depth + 1),
    }));
    return { kind: 'list', start: list.ordered ? Number(list.start) || 1 : null, items };
  }

  #table(table: Tokens.Table, depth: number): Block {
    const cell = (one: Tokens.TableCell) => this.#inline(one.tokens, depth + 1);
    return { kind: 'table', head: table.header.map(cell), rows: table.rows.map((row) => row.map(cell)) };
  }

  #inline(tokens: Token[], depth: number): Inline[] {
    return tokens.map((token) => this.#part(token, depth));
  }

  #part(token: Token, depth: number): Inline {
    if (depth > DEEPEST) return { kind: 'text', text: token.raw };
    const inside = () => this.#inline((token as Tokens.Strong).tokens, depth + 1);
    switch (token.type) {
      case 'br':
        return { kind: 'break' };
      case 'strong':
        return { kind: 'strong', inline: inside() };
      case 'em':
        return { kind: 'emphasis', inline: inside() };
      case 'del':
        return { kind: 'struck', inline: inside() };
      case 'codespan':
      case 'escape':
      case 'text': {
        const { text } = token as Tokens.Text;
        return { kind: token.type === 'codespan' ? 'code' : 'text', text };
      }
      case 'link':
      case 'image': {
        const { href, text } = token as Tokens.Image;
        // what is no web link stays as it was written
        if (!this.#names(href)) return { kind: 'text', text: token.raw };
        return token.type === 'link' ? { kind: 'link', url: href, inline: inside() } : { kind: 'picture', url: href, text };
      }
      default:
        return { kind: 'text', text: token.raw };
    }
  }

  /** The agent opens and fetches what stands in the text, letter by letter, and nothing else. */
  #names(url: string): boolean {
    return isWeb(url) && this.source.includes(url);
  }
}
