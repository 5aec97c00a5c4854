import { waitFor, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';

import type { Action } from '../src/bindings/Action';
import type { Item } from '../src/bindings/Item';
import { FakeAgent, account, ago, failure, item } from './fake/agent';
import { find, get, last, open, query } from './app';

const asked = (fake: FakeAgent, method: string) => fake.asked.filter((request) => request.method === method);
const body = () => get('body');

async function reading(change: Partial<Item>, fake = new FakeAgent()) {
  fake.items = [item(2, change), item(1, { body: 'Plain.' })];
  fake.snapshot.unread = 2;
  const user = await open(fake);
  await find('inbox');
  await user.keyboard('j{Enter}');
  await find('detail');
  return { user, fake };
}

describe('what a notification says', () => {
  it('is drawn as Markdown, or as it was written', async () => {
    const { user } = await reading({ body: 'Two **problems**:\n\n- one\n- `two`' });
    expect(body().querySelector('strong')?.textContent).toBe('problems');
    expect(body().querySelectorAll('li')).toHaveLength(2);
    await user.click(get('plain-text'));
    expect(body().textContent).toBe('Two **problems**:\n\n- one\n- `two`');
    expect(get('plain-text').getAttribute('aria-pressed')).toBe('true');
  });

  it('offers no choice where there is none', async () => {
    await reading({ body: 'Nothing but\ntext.' });
    expect(query('plain-text')).toBeNull();
  });

  it('never becomes markup', async () => {
    const text = '<script>alert(1)</script>\n\n<img src=x onerror=alert(1)> <a href="https://evil.example">x</a>\n\n- <iframe src="https://evil.example"></iframe>\n\n| <style>*{}</style> |\n| - |\n| <form action="https://evil.example"> |';
    await reading({ body: text, title: '<svg onload=alert(1)>', topic: '<b>t</b>', tags: ['<i>tag</i>'] });
    expect(get('detail').querySelectorAll('script, img, a, iframe, style, form, b, i')).toHaveLength(0);
    expect(body().textContent).toContain('<script>alert(1)</script>');
    expect(body().textContent).toContain('<iframe src="https://evil.example"></iframe>');
  });

  it('opens its links through the agent, by mouse and by key', async () => {
    const { user, fake } = await reading({ body: 'See [the log](https://ci.example.com/1?a=b).' });
    await user.click(get('body-link'));
    const params = { id: 2, url: 'https://ci.example.com/1?a=b' };
    expect(last(fake.asked)).toEqual({ method: 'open_link', params });
    get('body-link').focus();
    await user.keyboard('{Enter}');
    expect(asked(fake, 'open_link')).toHaveLength(2);
    expect(document.querySelector('main a[href]')).toBeNull();
  });

  it('is copied', async () => {
    const { user } = await reading({ body: 'The *body*.', click_url: 'https://a.example' });
    await user.click(get('copy'));
    expect(await navigator.clipboard.readText()).toBe('Notification 2\n\nThe *body*.\n\nhttps://a.example');
    await waitFor(() => expect(get('announcer').textContent).toContain('Copied.'));
  });
});

describe('pictures', () => {
  const text = 'Look: ![a graph](https://a.example/g.png)';

  it('are fetched when they are asked for, and shown from memory', async () => {
    const { user, fake } = await reading({ body: text });
    expect(document.querySelector('img')).toBeNull();
    expect(asked(fake, 'picture')).toEqual([]);
    await user.click(get('show-picture'));
    const picture = await find('picture');
    expect(picture.getAttribute('src')).toMatch(/^data:image\/png;base64,/);
    expect(picture.getAttribute('alt')).toBe('a graph');
    expect(asked(fake, 'picture')).toEqual([{ method: 'picture', params: { id: 2, url: 'https://a.example/g.png' } }]);
    await user.keyboard('{Escape}');
    await waitFor(() => expect(document.activeElement).toBe(get('inbox')));
    await user.keyboard('{Enter}');
    await user.click(await find('show-picture'));
    await find('picture');
    expect(asked(fake, 'picture')).toHaveLength(1);
  });

  it('are there at once where the account allows them, the icon among them', async () => {
    const fake = new FakeAgent({ accounts: [account({ pictures: true })] });
    await reading({ body: text, icon_url: 'https://a.example/icon.png' }, fake);
    await waitFor(() => expect(document.querySelectorAll('img')).toHaveLength(2));
    expect(query('show-picture')).toBeNull();
  });

  it('that cannot be fetched say so, and can be asked for again', async () => {
    const { user, fake } = await reading({ body: text });
    fake.refuse.picture = failure('PICTURE_UNAVAILABLE');
    await user.click(get('show-picture'));
    await within(body()).findByText('This picture can’t be fetched.');
    delete fake.refuse.picture;
    await user.click(get('show-picture'));
    await find('picture');
  });

  it('are pictures and nothing else', async () => {
    const { user, fake } = await reading({ body: text });
    const { control } = fake;
    fake.control = async (request) =>
      request.method === 'picture'
        ? { reply: 'picture', value: { media_type: 'image/svg+xml', base64: 'PHN2Zy8+' } }
        : control.call(fake, request);
    await user.click(get('show-picture'));
    await within(body()).findByText('This picture can’t be fetched.');
    expect(document.querySelector('img')).toBeNull();
  });
});

describe('buttons of a notification', () => {
  const log: Action = { id: 'log', label: 'Read the log', url: 'https://ci.example.com/log', method: null, copy: null };
  const again: Action = { id: 'again', label: 'Run again', url: 'https://ci.example.com/retry', method: 'POST', copy: null };

  it('that open an address do so', async () => {
    const { user, fake } = await reading({ actions: [log] });
    await user.click(get('action-log'));
    expect(last(fake.asked)).toEqual({ method: 'act', params: { id: 2, action: 'log' } });
  });

  it('that call an address say so, and ask once', async () => {
    const { user, fake } = await reading({ actions: [again] });
    await user.click(get('action-again'));
    expect(get('detail').textContent).toContain('Calls https://ci.example.com/retry (POST).');
    expect(asked(fake, 'act')).toEqual([]);
    await user.click(get('call-confirm'));
    expect(asked(fake, 'act')).toEqual([{ method: 'act', params: { id: 2, action: 'again' } }]);
    await user.click(await find('action-again'));
    await waitFor(() => expect(asked(fake, 'act')).toHaveLength(2));
  });

  it('take the question back by Escape, and stay with the notification', async () => {
    const { user, fake } = await reading({ actions: [again] });
    await user.click(get('action-again'));
    await waitFor(() => expect(document.activeElement).toBe(get('call-cancel')));
    await user.keyboard('{Escape}');
    await find('action-again');
    expect(get('detail')).toBeTruthy();
    expect(asked(fake, 'act')).toEqual([]);
  });

  it('that fail say so', async () => {
    const { user, fake } = await reading({ actions: [again] });
    fake.refuse.act = failure('ACTION_FAILED', 'HTTP 500');
    await user.click(get('action-again'));
    await user.click(get('call-confirm'));
    expect((await find('complaint')).textContent).toContain('didn’t take it');
  });
});

describe('beside what it says', () => {
  it('are tags, those that are pictures before the title', async () => {
    await reading({ tags: ['warning', 'db-2', 'constructor'] });
    expect(get('detail').querySelector('h2')?.textContent).toBe('⚠️Notification 2');
    expect([...get('detail').querySelectorAll('[aria-label=Tags] li')].map((tag) => tag.textContent)).toEqual(['db-2', 'constructor']);
  });

  it('is why it was quiet, here and in its row', async () => {
    const { user } = await reading({ disposition: 'quiet_hours' });
    expect(get('detail').textContent).toContain('Arrived quietly: quiet hours.');
    await user.keyboard('{Escape}');
    expect(get('reason').textContent.trim()).toBe('quiet hours');
  });

  it('is when it was sent, and when it arrived where that was later', async () => {
    await reading({ created_at: ago(7200), received_at: ago(60) });
    expect(get('detail').textContent).toContain('Arrived ');
  });

  it('are what can be done to it', async () => {
    const { user, fake } = await reading({});
    await user.click(get('mark-unread'));
    await user.click(await find('mark-read'));
    await user.click(get('keep'));
    await waitFor(() => expect(get('keep').getAttribute('aria-label')).toBe('Keep no longer (s)'));
    expect(asked(fake, 'mark_unread')).toHaveLength(1);
    expect(asked(fake, 'keep')).toEqual([{ method: 'keep', params: { ids: [2], kept: true } }]);
  });
});
