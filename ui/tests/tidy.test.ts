import { waitFor, within } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { Bin, GRACE_MS } from '../src/state/bin.svelte';
import { Inbox } from '../src/state/inbox.svelte';
import { FakeAgent, failure, item } from './fake/agent';
import { find, get, ids, last, open, query, rows } from './app';

const five = () => new FakeAgent({}, [item(5), item(4), item(3), item(2, { read: true }), item(1)]);
const asked = (fake: FakeAgent, method: string) => fake.asked.filter((request) => request.method === method);
const unread = () => rows().map((row) => row.dataset['unread'] === 'true');
const selected = () => rows().filter((row) => row.getAttribute('aria-selected') === 'true').map((row) => Number(row.dataset['itemId']));
const cursor = () => get('inbox').getAttribute('aria-activedescendant');

async function listed(fake: FakeAgent) {
  const user = await open(fake);
  await find('inbox');
  get('inbox').focus();
  return user;
}

describe('keys', () => {
  it('mark as read and unread, without opening', async () => {
    const fake = five();
    const user = await listed(fake);
    await user.keyboard('e');
    await waitFor(() => expect(unread()).toEqual([false, true, true, false, true]));
    await user.keyboard('u');
    await waitFor(() => expect(unread()).toEqual([true, true, true, false, true]));
    expect(query('detail')).toBeNull();
    expect(asked(fake, 'mark_unread')).toEqual([{ method: 'mark_unread', params: { ids: [5] } }]);
  });

  it('keep, and keep no longer', async () => {
    const fake = five();
    const user = await listed(fake);
    await user.keyboard('js');
    await find('kept');
    await user.keyboard('s');
    await waitFor(() => expect(query('kept')).toBeNull());
    expect(asked(fake, 'keep').map((request) => 'params' in request && request.params)).toEqual([
      { ids: [4], kept: true },
      { ids: [4], kept: false },
    ]);
  });

  it('do nothing where there is nothing to do', async () => {
    const fake = five();
    const user = await listed(fake);
    await user.keyboard('u');
    expect(asked(fake, 'mark_unread')).toEqual([]);
  });

  it('are left to a field that is typed into', async () => {
    const fake = five();
    const user = await listed(fake);
    await user.keyboard('/seuz{Delete}');
    await waitFor(() => expect(asked(fake, 'inbox').length).toBeGreaterThan(1));
    expect(get('search')).toHaveProperty('value', 'seuz');
    expect(asked(fake, 'keep').length + asked(fake, 'delete').length + asked(fake, 'mark_unread').length).toBe(0);
  });

  it('go to the settings, from anywhere', async () => {
    const user = await listed(five());
    await user.keyboard('{Control>},{/Control}');
    await waitFor(() => expect(get('nav-settings').getAttribute('aria-current')).toBe('page'));
  });

  it('are listed by one of them', async () => {
    const user = await listed(five());
    await user.keyboard('?');
    expect((await find('keys')).textContent).toContain('Undo deleting');
    await user.click(get('keys-close'));
    await waitFor(() => expect(query('keys')).toBeNull());
    expect(document.activeElement).toBe(get('inbox'));
  });
});

describe('deleting', () => {
  it('can be undone by one word, and the row is where it was', async () => {
    const fake = five();
    const user = await listed(fake);
    await user.keyboard('jj{Delete}');
    await waitFor(() => expect(ids()).toEqual([5, 4, 2, 1]));
    expect(cursor()).toBe('row-2');
    expect(get('undo-bar').textContent).toContain('Deleted.');
    await user.click(get('undo'));
    await waitFor(() => expect(ids()).toEqual([5, 4, 3, 2, 1]));
    expect(cursor()).toBe('row-3');
    expect(query('undo-bar')).toBeNull();
    expect(asked(fake, 'restore')).toEqual([{ method: 'restore', params: { ids: [3] } }]);
  });

  it('counts what can be brought back, and brings all of it back', async () => {
    const fake = five();
    const user = await listed(fake);
    await user.keyboard('{Delete}{Delete}{Delete}');
    await waitFor(() => expect(ids()).toEqual([2, 1]));
    expect(get('undo-bar').textContent).toContain('3 deleted.');
    await user.keyboard('z');
    await waitFor(() => expect(ids()).toEqual([5, 4, 3, 2, 1]));
    expect(get('announcer').textContent).toContain('All 3 are back.');
  });

  it('is undone by Ctrl+Z as well, and by nothing twice', async () => {
    const fake = five();
    const user = await listed(fake);
    await user.keyboard('{Delete}{Control>}z{/Control}z');
    await waitFor(() => expect(ids()).toEqual([5, 4, 3, 2, 1]));
    expect(asked(fake, 'restore')).toHaveLength(1);
  });

  it('moves on to the row before at the end, and to none where nothing is left', async () => {
    const user = await listed(new FakeAgent({}, [item(2), item(1)]));
    await user.keyboard('{End}{Delete}');
    await waitFor(() => expect(cursor()).toBe('row-2'));
    await user.keyboard('{Delete}');
    await find('empty-inbox');
    await user.keyboard('z');
    await waitFor(() => expect(ids()).toEqual([2, 1]));
  });

  it('leads back to the list from what was open', async () => {
    const user = await listed(five());
    await user.keyboard('{Enter}');
    await user.click(await find('delete'));
    await waitFor(() => expect(query('detail')).toBeNull());
    await waitFor(() => expect(document.activeElement).toBe(get('inbox')));
    expect(ids()).toEqual([4, 3, 2, 1]);
  });

  it('that fails is told, and takes nothing away', async () => {
    const fake = five();
    fake.refuse.delete = failure('STORAGE_READ_ONLY');
    const user = await listed(fake);
    await user.keyboard('{Delete}');
    await find('complaint');
    expect(ids()).toEqual([5, 4, 3, 2, 1]);
    expect(query('undo-bar')).toBeNull();
  });

  it('elsewhere takes the row away here', async () => {
    const fake = five();
    await listed(fake);
    fake.tell({ event: 'removed', value: { ids: [5, 1] } });
    await waitFor(() => expect(ids()).toEqual([4, 3, 2]));
    expect(query('undo-bar')).toBeNull();
  });
});

describe('what can be brought back', () => {
  afterEach(() => vi.useRealTimers());

  async function deleted() {
    vi.useFakeTimers();
    const bin = new Bin(five());
    await bin.remove([1]);
    return bin;
  }

  it('is so for ten seconds from the last time', async () => {
    const bin = await deleted();
    vi.advanceTimersByTime(GRACE_MS - 1);
    await bin.remove([2]);
    vi.advanceTimersByTime(GRACE_MS - 1);
    expect(bin.ids).toEqual([1, 2]);
    vi.advanceTimersByTime(1);
    expect(bin.ids).toEqual([]);
    expect(await bin.undo()).toBe(false);
  });

  it('stays while somebody is about to decide', async () => {
    const bin = await deleted();
    bin.hold();
    vi.advanceTimersByTime(10 * GRACE_MS);
    expect(bin.ids).toEqual([1]);
    bin.release();
    vi.advanceTimersByTime(GRACE_MS);
    expect(bin.ids).toEqual([]);
  });

  it('stays where it could not be brought back', async () => {
    const fake = five();
    const bin = new Bin(fake);
    await bin.remove([1]);
    fake.refuse.restore = failure('STORAGE_FULL');
    await expect(bin.undo()).rejects.toMatchObject({ code: 'STORAGE_FULL' });
    expect(bin.ids).toEqual([1]);
    bin.empty();
  });
});

describe('several at once', () => {
  it('are selected by Shift and arrows, and done to together', async () => {
    const fake = five();
    const user = await listed(fake);
    await user.keyboard('{Shift>}{ArrowDown}{ArrowDown}{/Shift}');
    await waitFor(() => expect(selected()).toEqual([5, 4, 3]));
    expect(get('selection').textContent).toContain('3 selected');
    await user.keyboard('{Shift>}{ArrowUp}{/Shift}');
    await waitFor(() => expect(selected()).toEqual([5, 4]));
    await user.keyboard('{Delete}');
    await waitFor(() => expect(ids()).toEqual([3, 2, 1]));
    expect(last(asked(fake, 'delete'))).toEqual({ method: 'delete', params: { ids: [5, 4] } });
    expect(query('selection')).toBeNull();
  });

  it('are all of them by Ctrl+A, and none by Escape', async () => {
    const fake = five();
    const user = await listed(fake);
    await user.keyboard('{Control>}a{/Control}');
    await waitFor(() => expect(selected()).toEqual([5, 4, 3, 2, 1]));
    await user.click(get('selected-read'));
    await waitFor(() => expect(unread()).toEqual([false, false, false, false, false]));
    expect(last(asked(fake, 'mark_read'))).toMatchObject({ params: { ids: [5, 4, 3, 1] } });
    await user.keyboard('{Escape}');
    await waitFor(() => expect(selected()).toEqual([]));
  });

  it('are picked one by one with Ctrl, and in a stretch with Shift', async () => {
    const user = await listed(five());
    const row = (id: number) => document.querySelector(`[data-item-id="${id}"]`)!;
    await user.keyboard('{Control>}');
    await user.click(row(2));
    await user.keyboard('{/Control}');
    await waitFor(() => expect(selected()).toEqual([5, 2]));
    await user.keyboard('{Shift>}');
    await user.click(row(4));
    await user.keyboard('{/Shift}');
    await waitFor(() => expect(selected()).toEqual([4, 3, 2]));
    expect(query('detail')).toBeNull();
  });
});

it('does to very many what it does to one, in portions, and undoes it', async () => {
  const fake = new FakeAgent({}, Array.from({ length: 250 }, (_, at) => item(250 - at)));
  const inbox = new Inbox(fake);
  await inbox.load();
  await inbox.more();
  inbox.selection.all(inbox.rows);
  const all = inbox.targets.map((row) => row.id);
  expect(all).toHaveLength(250);
  const sizes = (method: string) =>
    asked(fake, method).map((request) => ('params' in request && 'ids' in request.params ? request.params.ids.length : 0));
  await inbox.mark(all, true);
  expect(sizes('mark_read')).toEqual([100, 100, 50]);
  expect(inbox.rows.every((row) => row.read)).toBe(true);
  await inbox.keep(all, true);
  expect(inbox.rows.every((row) => row.kept)).toBe(true);
  await inbox.remove(all);
  expect(inbox.rows).toEqual([]);
  expect(inbox.bin.ids).toEqual(all);
  expect(await inbox.bin.undo()).toBe(true);
  expect(sizes('restore')).toEqual([100, 100, 50]);
  expect(fake.items).toHaveLength(250);
});

describe('the list’s menu', () => {
  it('exports everything, and says where to', async () => {
    const fake = five();
    const user = await listed(fake);
    await user.click(get('list-menu'));
    await user.click(await find('list-menu-export'));
    expect((await find('exported')).textContent).toContain('5 notifications are now in /home/alice/Downloads/');
    await user.click(within(get('exported')).getByLabelText('Put away'));
    expect(query('exported')).toBeNull();
  });

  it('exports what is listed, where that is less', async () => {
    const fake = five();
    const user = await listed(fake);
    await user.click(get('filter'));
    await user.click(await find('filter-unread'));
    await user.click(get('list-menu'));
    await user.click(await find('list-menu-export'));
    await find('exported');
    expect(last(asked(fake, 'export'))).toMatchObject({ params: { query: { unread: true, limit: null, before: null } } });
  });

  it('is walked by arrows and left by Escape', async () => {
    const user = await listed(five());
    await user.click(get('list-menu'));
    await waitFor(() => expect(document.activeElement).toBe(get('list-menu-export')));
    await user.keyboard('{ArrowDown}');
    expect(document.activeElement).toBe(get('list-menu-keys'));
    await user.keyboard('{ArrowDown}');
    expect(document.activeElement).toBe(get('list-menu-export'));
    await user.keyboard('{Escape}');
    expect(query('list-menu-export')).toBeNull();
    expect(document.activeElement).toBe(get('list-menu'));
  });
});
