import { screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';

import { FakeAgent, account, failure, item } from './fake/agent';
import { find, get, ids, last, open, query, rows } from './app';

const three = () => new FakeAgent({}, [item(3), item(2, { read: true }), item(1)]);
const unread = () => rows().map((row) => row.dataset['unread']);
const click = (id: number) => document.querySelector<HTMLElement>(`[data-item-id="${id}"]`)!;

async function opened(fake: FakeAgent) {
  const user = await open(fake);
  await find('inbox');
  return user;
}

describe('the inbox', () => {
  it('lists the newest first and tells what is unread', async () => {
    await opened(three());
    expect(ids()).toEqual([3, 2, 1]);
    expect(unread()).toEqual(['true', 'false', 'true']);
    expect(get('unread-badge').textContent).toBe('2');
  });

  it('is all quiet where nothing has arrived', async () => {
    await open(new FakeAgent());
    expect((await find('empty-inbox')).textContent).toBe('All quiet.');
  });

  it('takes in what arrives, on top', async () => {
    const fake = three();
    await opened(fake);
    fake.arrive(item(4, { title: 'Fresh' }));
    await waitFor(() => expect(ids()).toEqual([4, 3, 2, 1]));
    expect(get('unread-badge').textContent).toBe('3');
  });

  it('shows one arrival once, however often it is told', async () => {
    const fake = three();
    await opened(fake);
    fake.tell({ event: 'notification', value: item(4) });
    fake.tell({ event: 'notification', value: item(4) });
    await waitFor(() => expect(ids()).toEqual([4, 3, 2, 1]));
  });

  it('lets one that replaces another take its place, as often as it is told', async () => {
    const fake = three();
    await opened(fake);
    fake.replace(1, item(4, { title: 'Build passed' }));
    fake.tell({ event: 'replaced', value: { previous: 1, item: fake.items[0]! } });
    await screen.findByText('Build passed');
    expect(ids()).toEqual([4, 3, 2]);
    expect(get('unread-badge').textContent).toBe('2');
    // the one that went was read, the one that came is not
    fake.replace(2, item(5));
    await waitFor(() => expect(ids()).toEqual([5, 4, 3]));
    expect(get('unread-badge').textContent).toBe('3');
  });

  it('shows what has become of the one that is open', async () => {
    const fake = three();
    const user = await opened(fake);
    await user.click(click(2));
    fake.replace(2, item(4, { title: 'Build passed' }));
    await waitFor(() => expect(get('detail').textContent).toContain('Build passed'));
    expect(get('inbox').getAttribute('aria-activedescendant')).toBe('row-4');
  });

  it('marks what is opened as read, and what was read elsewhere', async () => {
    const fake = three();
    const user = await opened(fake);
    await user.click(click(3));
    expect(last(fake.asked)).toEqual({ method: 'mark_read', params: { ids: [3] } });
    fake.tell({ event: 'read', value: { ids: [1] } });
    await waitFor(() => expect(unread()).toEqual(['false', 'false', 'false']));
  });

  it('marks everything as read on request', async () => {
    const fake = three();
    const user = await opened(fake);
    await user.click(get('mark-all-read'));
    await waitFor(() => expect(unread()).toEqual(['false', 'false', 'false']));
    expect(query('unread-badge')).toBeNull();
    expect(query('mark-all-read')).toBeNull();
  });

  it('shows what a notification says as text', async () => {
    const fake = new FakeAgent({}, [item(1, { title: '<b>x</b>', body: '<img src=x onerror=alert(1)>' })]);
    const user = await opened(fake);
    await user.click(click(1));
    expect(within(get('detail')).getByText('<img src=x onerror=alert(1)>')).toBeTruthy();
    expect(document.querySelector('img, b')).toBeNull();
  });

  it('opens a link by its row, through the agent', async () => {
    const fake = new FakeAgent({}, [item(1, { click_url: 'https://ci.example.com/1?x=y' })]);
    const user = await opened(fake);
    await user.click(click(1));
    expect(get('open-link').textContent).toContain('Open ci.example.com');
    await user.click(get('open-link'));
    expect(last(fake.asked)).toEqual({ method: 'open_link', params: { id: 1 } });
    fake.refuse.open_link = failure('LINK_REFUSED');
    await user.click(get('open-link'));
    expect((await find('complaint')).textContent).toContain('Tidings opens web links only.');
  });

  it('searches by asking the agent', async () => {
    const fake = new FakeAgent({}, [item(2, { title: 'Build failed' }), item(1, { read: true })]);
    const user = await opened(fake);
    await user.keyboard('/');
    await user.keyboard('build');
    await waitFor(() => expect(ids()).toEqual([2]));
    await waitFor(() => expect(get('announcer').textContent).toBe('1 found.'));
    await user.keyboard('ings');
    expect((await find('empty-search')).textContent).toContain('buildings');
    await user.keyboard('{Escape}');
    await waitFor(() => expect(ids()).toEqual([2, 1]));
  });

  it('says what is wrong where it cannot be read, and tries again', async () => {
    const fake = three();
    fake.refuse.inbox = failure('STORAGE_FAILED');
    const user = await open(fake);
    await find('inbox-failure');
    delete fake.refuse.inbox;
    await user.click(screen.getByText('Try again'));
    await waitFor(() => expect(ids()).toEqual([3, 2, 1]));
  });
});

describe('keys', () => {
  it('move through the list, open and lead back', async () => {
    const fake = three();
    const user = await opened(fake);
    await user.keyboard('j');
    expect(get('inbox').getAttribute('aria-activedescendant')).toBe('row-3');
    await user.keyboard('j{ArrowDown}k');
    expect(get('inbox').getAttribute('aria-activedescendant')).toBe('row-2');
    expect(query('detail')).toBeNull();
    await user.keyboard('{Enter}');
    expect(get('detail').textContent).toContain('Notification 2');
    await user.keyboard('j');
    expect(get('detail').textContent).toContain('Notification 1');
    await user.keyboard('{Escape}');
    expect(query('detail')).toBeNull();
    await waitFor(() => expect(document.activeElement).toBe(get('inbox')));
  });
});

it('loads ten thousand rows page by page and draws few of them', async () => {
  const fake = new FakeAgent({}, Array.from({ length: 10_000 }, (_, at) => item(10_000 - at)));
  const user = await opened(fake);
  expect(fake.asked.filter(({ method }) => method === 'inbox')).toHaveLength(1);
  expect(rows().length).toBeLessThan(30);
  await user.keyboard('{End}');
  await waitFor(() => expect(get('inbox').getAttribute('aria-activedescendant')).toBe('row-9951'));
  get('inbox').dispatchEvent(new Event('scroll'));
  await waitFor(() => expect(last(fake.asked)).toMatchObject({ method: 'inbox', params: { before: 9951 } }));
});

describe('a toast that was clicked', () => {
  it('opens its row, also from another page and where it is not loaded', async () => {
    const fake = new FakeAgent({}, Array.from({ length: 200 }, (_, at) => item(200 - at)));
    const user = await opened(fake);
    await user.click(get('nav-settings'));
    fake.tell({ event: 'show', value: { item: 7 } });
    expect((await find('detail')).textContent).toContain('Notification 7');
    expect(fake.asked).toContainEqual({ method: 'mark_read', params: { ids: [7] } });
  });

  it('opens its row in a window that has just begun', async () => {
    const fake = three();
    let release = () => {};
    fake.gate = new Promise((resolve) => (release = resolve));
    const opening = open(fake);
    fake.tell({ event: 'show', value: { item: 1 } });
    release();
    await opening;
    expect((await find('detail')).textContent).toContain('Notification 1');
  });
});

it('forgets the rows of an account that was signed out', async () => {
  const fake = new FakeAgent({ accounts: [account(), account({ id: 'a2' })] }, [item(2), item(1, { account: 'a2' })]);
  await opened(fake);
  fake.items = [item(2)];
  fake.change({ accounts: [account()] });
  await waitFor(() => expect(ids()).toEqual([2]));
});
