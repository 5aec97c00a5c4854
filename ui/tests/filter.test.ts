import { screen, waitFor } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';

import { FakeAgent, account, item } from './fake/agent';
import { find, get, ids, last, open, query } from './app';

const accounts = [account(), account({ id: 'a2', name: 'Home', colour: 'teal' })];
const mixed = () =>
  new FakeAgent({ accounts }, [
    item(5, { topic: 'ops', priority: 'urgent' }),
    item(4, { topic: 'builds', priority: 'high', read: true }),
    item(3, { account: 'a2', topic: 'door', kept: true }),
    item(2, { account: 'a2', priority: 'low' }),
    item(1, { topic: 'ops', read: true }),
  ]);
const asked = (fake: FakeAgent) => last(fake.asked.filter((request) => request.method === 'inbox'))?.params;

async function filtering(fake: FakeAgent) {
  const user = await open(fake);
  await find('inbox');
  await user.click(get('filter'));
  await find('filter-topic');
  return user;
}

describe('the filter', () => {
  it('is out of the way until it is asked for', async () => {
    await open(mixed());
    await find('inbox');
    expect(query('filter-bar')).toBeNull();
  });

  it.each([
    ['filter-unread', null, { unread: true }, [5, 3, 2]],
    ['filter-kept', null, { kept: true }, [3]],
    ['filter-account', 'a2', { account: 'a2' }, [3, 2]],
    ['filter-topic', 'ops', { topic: 'ops' }, [5, 1]],
    ['filter-priority', 'high', { least_priority: 'high' }, [5, 4]],
  ])('narrows the list by %s', async (id, choice, params, left) => {
    const fake = mixed();
    const user = await filtering(fake);
    if (choice === null) await user.click(get(id));
    else await user.selectOptions(get(id), choice);
    await waitFor(() => expect(ids()).toEqual(left));
    expect(asked(fake)).toMatchObject(params);
    expect(get('filter').getAttribute('aria-pressed')).toBe('true');
  });

  it('narrows by several at once, each cleared by itself or all together', async () => {
    const user = await filtering(mixed());
    await user.selectOptions(get('filter-account'), 'a1');
    await user.selectOptions(get('filter-topic'), 'ops');
    await user.click(get('filter-unread'));
    await waitFor(() => expect(ids()).toEqual([5]));
    await user.click(get('filter-topic-clear'));
    await waitFor(() => expect(get('filter-topic')).toHaveProperty('value', ''));
    expect(document.activeElement).toBe(get('filter-topic'));
    await user.click(get('filter-unread'));
    await waitFor(() => expect(ids()).toEqual([5, 4, 1]));
    await user.click(get('filter-clear'));
    await waitFor(() => expect(ids()).toEqual([5, 4, 3, 2, 1]));
    expect(query('filter-clear')).toBeNull();
    await waitFor(() => expect(document.activeElement).toBe(get('filter-unread')));
  });

  it('offers the topics of the account that is chosen', async () => {
    const user = await filtering(mixed());
    await user.selectOptions(get('filter-account'), 'a2');
    await waitFor(() => expect([...(get('filter-topic') as HTMLSelectElement).options].map(({ value }) => value)).toEqual(['', 'door']));
  });

  it('stays in sight while it leaves something out', async () => {
    const user = await filtering(mixed());
    await user.click(get('filter-kept'));
    await user.click(get('filter'));
    expect(query('filter-bar')).not.toBeNull();
    await user.click(get('filter-clear'));
    await waitFor(() => expect(query('filter-bar')).toBeNull());
  });

  it('takes of what arrives only what it is about', async () => {
    const fake = mixed();
    const user = await filtering(fake);
    await user.selectOptions(get('filter-topic'), 'ops');
    await waitFor(() => expect(ids()).toEqual([5, 1]));
    await waitFor(() => expect(get('announcer').textContent).toBe('2 found.'));
    fake.arrive(item(6, { topic: 'builds' }));
    fake.arrive(item(7, { topic: 'ops' }));
    await waitFor(() => expect(ids()).toEqual([7, 5, 1]));
  });

  it('says so where nothing is like that, and leads back', async () => {
    const user = await filtering(mixed());
    await user.selectOptions(get('filter-topic'), 'door');
    await user.selectOptions(get('filter-priority'), 'urgent');
    expect((await find('empty-search')).textContent).toBe('Nothing matches the filter.');
    await user.click(get('empty-widen'));
    await waitFor(() => expect(ids()).toEqual([5, 4, 3, 2, 1]));
    await waitFor(() => expect(document.activeElement).toBe(get('inbox')));
  });

  it('forgets an account that is gone', async () => {
    const fake = mixed();
    const user = await filtering(fake);
    await user.selectOptions(get('filter-account'), 'a2');
    await waitFor(() => expect(ids()).toEqual([3, 2]));
    fake.items = fake.items.filter((row) => row.account === 'a1');
    fake.change({ accounts: [account()] });
    await waitFor(() => expect(ids()).toEqual([5, 4, 1]));
  });

  it('goes by Escape, one thing at a time', async () => {
    const fake = mixed();
    const user = await filtering(fake);
    await user.click(get('filter-unread'));
    await waitFor(() => expect(ids()).toEqual([5, 3, 2]));
    get('inbox').focus();
    await user.keyboard('{Escape}');
    await waitFor(() => expect(ids()).toEqual([5, 4, 3, 2, 1]));
    await user.keyboard('{Escape}');
    await waitFor(() => expect(query('filter-bar')).toBeNull());
  });
});

describe('search', () => {
  it('goes on behind pages that the agent has found nothing for yet', async () => {
    const fake = mixed();
    const { control } = fake;
    const user = await open(fake);
    await find('inbox');
    let parts = 0;
    fake.control = async (request) => {
      if (request.method !== 'inbox' || !request.params.search || parts === 3) return control.call(fake, request);
      parts += 1;
      return { reply: 'inbox', value: { items: [], next: 6 - parts } };
    };
    await user.keyboard('/number 2');
    await waitFor(() => expect(ids()).toEqual([2]));
    expect(parts).toBe(3);
  });

  it('asks once for what was typed in one go, and not at every key', async () => {
    const fake = mixed();
    const user = await open(fake);
    await find('inbox');
    const before = fake.asked.length;
    await user.keyboard('/number 4');
    await waitFor(() => expect(ids()).toEqual([4]));
    const searches = fake.asked.slice(before).map((request) => (request.method === 'inbox' ? request.params.search : null));
    expect(searches.length).toBeLessThan('number 4'.length);
    expect(last(searches)).toBe('number 4');
  });

  it('drops the answer to an older question', async () => {
    const fake = mixed();
    const { control } = fake;
    const late: (() => void)[] = [];
    const user = await open(fake);
    await find('inbox');
    fake.control = async (request) => {
      const reply = await control.call(fake, request);
      if (request.method === 'inbox' && request.params.search === 'number 4') await new Promise<void>((done) => late.push(done));
      return reply;
    };
    await user.keyboard('/number 4{Enter}');
    await user.keyboard('/number 5{Enter}');
    await waitFor(() => expect(ids()).toEqual([5]));
    for (const release of late) release();
    await expect(screen.findByText('Notification 4', {}, { timeout: 200 })).rejects.toThrow();
    expect(ids()).toEqual([5]);
  });

  it('finds what arrives meanwhile, and keeps what was found', async () => {
    const fake = mixed();
    const user = await open(fake);
    await find('inbox');
    await user.keyboard('/ops{Enter}');
    await waitFor(() => expect(ids()).toEqual([5, 1]));
    fake.arrive(item(8, { title: 'ops again' }));
    fake.arrive(item(9, { title: 'something else' }));
    await waitFor(() => expect(ids()).toEqual([8, 5, 1]));
  });
});
