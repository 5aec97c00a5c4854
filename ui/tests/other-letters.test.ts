/** What Gotify's and ntfy's notifications have besides ours: plain bodies, large pictures, files, buttons that copy. */
import { screen, waitFor } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';

import type { Item } from '../src/bindings/Item';
import { linked } from '../src/links';
import { emojiOf } from '../src/words/emoji';
import { fileFacts, sizeWords } from '../src/words/files';
import { speak } from '../src/words/index.svelte';
import { FakeAgent, account, ago, ahead, item } from './fake/agent';
import { find, get, last, open, query, rows } from './app';

const asked = (fake: FakeAgent, method: string) => fake.asked.filter((request) => request.method === method);

async function reading(change: Partial<Item>, fake = new FakeAgent()) {
  fake.items = [item(1, change)];
  fake.snapshot.unread = 1;
  const user = await open(fake);
  await find('inbox');
  await user.keyboard('j{Enter}');
  await find('detail');
  return { user, fake };
}

describe('a plain body', () => {
  const text = '# No heading\n**kept**, see https://ci.example.com/4812.\n  <b>as</b> it stands';

  it('stands as it was written, here and in its row', async () => {
    await reading({ plain: true, body: text });
    expect(get('body').textContent).toBe(text);
    expect(get('body').querySelectorAll('h2, strong, b')).toHaveLength(0);
    expect(query('plain-text')).toBeNull();
    expect(rows()[0]!.textContent).toContain('# No heading **kept**');
  });

  it('has links all the same, which the agent opens', async () => {
    const { user, fake } = await reading({ plain: true, body: text });
    await user.click(get('body-link'));
    expect(last(fake.asked)).toEqual({ method: 'open_link', params: { id: 1, url: 'https://ci.example.com/4812' } });
  });

  it.each([
    ['(see https://a.example/b_(c))', ['https://a.example/b_(c)']],
    ['(see https://a.example/b).', ['https://a.example/b']],
    ['http://a.example, https://b.example/?x=1&y=[2]!', ['http://a.example', 'https://b.example/?x=1&y=[2]']],
    ['javascript:alert(1) file:///etc/passwd ftp://a.example http://', []],
    ['"https://a.example/x"', ['https://a.example/x']],
  ])('finds the links in %s', (text, urls) => {
    const parts = linked(text);
    expect(parts.flatMap((part) => (part.kind === 'link' ? part.url : []))).toEqual(urls);
    const words = parts.map((part) => (part.kind === 'text' ? part.text : part.kind === 'link' ? part.url : '')).join('');
    expect(words).toBe(text);
  });
});

describe('a large picture', () => {
  const image_url = 'https://cam.example.com/door.jpg';

  it('is fetched when it is asked for', async () => {
    const { user, fake } = await reading({ image_url });
    expect(asked(fake, 'picture')).toEqual([]);
    await user.click(get('show-picture'));
    expect((await find('picture')).getAttribute('alt')).toBe('Picture from cam.example.com');
    expect(asked(fake, 'picture')).toEqual([{ method: 'picture', params: { id: 1, url: image_url } }]);
  });

  it('is there at once where the account allows pictures', async () => {
    await reading({ image_url }, new FakeAgent({ accounts: [account({ pictures: true })] }));
    await find('picture');
  });
});

describe('a file', () => {
  const attachment = {
    name: 'backup.log',
    url: 'https://ntfy.example.com/file/x.log',
    media_type: 'text/plain',
    size: 12_437_000,
    expires_at: ahead(3 * 3600),
  };

  it('tells what it is, and is fetched by the browser', async () => {
    const { user, fake } = await reading({ attachment });
    expect(get('attachment').textContent).toMatch(/backup\.log\s*12\.4\sMB · text\/plain · until /);
    expect(asked(fake, 'open_attachment')).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Download backup.log' }));
    expect(last(fake.asked)).toEqual({ method: 'open_attachment', params: { id: 1 } });
  });

  it('that is gone says so, and offers nothing', async () => {
    await reading({ attachment: { ...attachment, name: '', size: null, media_type: null, expires_at: ago(60) } });
    expect(get('attachment').textContent).toMatch(/A file from ntfy\.example\.com\s*no longer there/);
    expect(query('download')).toBeNull();
  });

  it('has its size as the language writes it', () => {
    const plain = (bytes: number) => sizeWords(bytes).replaceAll(/\s/g, ' ');
    expect([0, 1, 999, 1000, 1536, 999_499, 999_999, 15_360_000, 2.5e12].map(plain)).toEqual([
      ...['0 bytes', '1 byte', '999 bytes', '1 kB', '1.5 kB', '999 kB', '1 MB', '15.4 MB', '2.5 TB'],
    ]);
    speak('pt-BR');
    expect(plain(12_437_000)).toBe('12,4 MB');
  });

  it('that stays for weeks tells the date', () => {
    const now = Date.UTC(2026, 10, 22, 12);
    const facts = fileFacts({ ...attachment, expires_at: '2027-01-05T12:00:00Z' }, now);
    expect(facts).toContain('until 5 Jan 2027');
  });

  afterEach(() => speak('system'));
});

describe('a button that copies', () => {
  const actions = [{ id: 'code', label: 'Copy the code', url: '', method: null, copy: '482 913' }];

  it('does so by itself, and says it', async () => {
    const { user, fake } = await reading({ actions });
    await user.click(get('action-code'));
    expect(await navigator.clipboard.readText()).toBe('482 913');
    expect(get('action-code').textContent).toMatch(/Copy the code · Copied\./);
    await waitFor(() => expect(get('announcer').textContent).toBe('Copied.'));
    expect(asked(fake, 'act')).toEqual([]);
  });
});

describe('the short names of pictures', () => {
  it('are the ones that chats have made usual, and nothing else', () => {
    expect(emojiOf(['warning', 'skull', '+1', 'tada', 'de', 'db-2', 'constructor', ''])).toEqual({
      emoji: ['⚠️', '💀', '👍', '🎉', '🇩🇪'],
      rest: ['db-2', 'constructor', ''],
    });
  });
});

it('shows what a notification was published to, in its row and in full', async () => {
  await reading({ topic: 'Backups' });
  expect(rows()[0]!.textContent).toContain('Backups');
  expect(get('detail').querySelector('header')?.textContent).toContain('Backups');
});
