/** Somebody reads, or has the keys on something, while other things go on around it. */
import { waitFor } from '@testing-library/svelte';
import { describe, expect, it, vi } from 'vitest';

import { FakeAgent, account, item } from './fake/agent';
import { find, get, ids, open, query } from './app';

async function reading(fake: FakeAgent) {
  const user = await open(fake);
  await user.click((await find('inbox')).querySelector<HTMLElement>('[data-testid=inbox-row]')!);
  const article = await find('detail');
  await waitFor(() => expect(document.activeElement).toBe(article));
  const scrollTo = vi.fn();
  Object.assign(article, { scrollTo });
  return { user, scrollTo };
}

describe('what is being read', () => {
  it('stays where it is scrolled to, and the keys where they are, when something else comes in', async () => {
    const fake = new FakeAgent({}, [item(2), item(1)]);
    const { scrollTo } = await reading(fake);
    get('copy').focus();
    fake.arrive(item(3));
    await waitFor(() => expect(ids()).toEqual([3, 2, 1]));
    expect(document.activeElement).toBe(get('copy'));
    expect(scrollTo).not.toHaveBeenCalled();
  });

  it('stays there when it is kept, or marked as unread', async () => {
    const fake = new FakeAgent({}, [item(2), item(1)]);
    const { user, scrollTo } = await reading(fake);
    get('keep').focus();
    await user.keyboard('{Enter}');
    await waitFor(() => expect(get('keep').getAttribute('aria-label')).toContain('no longer'));
    expect(document.activeElement).toBe(get('keep'));
    expect(scrollTo).not.toHaveBeenCalled();
  });

  it('is left for the list by the name of the place, from wherever that is pressed', async () => {
    const { user } = await reading(new FakeAgent({}, [item(2), item(1)]));
    await user.click(get('nav-inbox'));
    await waitFor(() => expect(query('detail')).toBeNull());
    await user.click((await find('inbox')).querySelector<HTMLElement>('[data-testid=inbox-row]')!);
    await find('detail');
    await user.click(get('nav-settings'));
    await user.click(get('nav-inbox'));
    await find('inbox');
    expect(query('detail')).toBeNull();
  });
});

describe('Escape', () => {
  it.each(['filter-unread', 'filter-account'])('puts the filters away from %s too, and the keys are on the list again', async (part) => {
    const user = await open(new FakeAgent({ accounts: [account(), account({ id: 'a2' })] }, [item(2), item(1)]));
    await find('inbox');
    await user.click(get('filter'));
    (await find(part)).focus();
    await user.keyboard('{Escape}');
    await waitFor(() => expect(query('filter-bar')).toBeNull());
    await waitFor(() => expect(document.activeElement).toBe(get('inbox')));
  });
});
