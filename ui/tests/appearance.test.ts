import { expect, it } from 'vitest';

import { FakeAgent, usual } from './fake/agent';
import { open } from './app';

const worn = () => document.documentElement.dataset['theme'];

it('wears the chosen theme over the whole window, at once, and the system’s when that is chosen', async () => {
  const fake = new FakeAgent({ settings: { ...usual, theme: 'dark' } });
  await open(fake);
  expect(worn()).toBe('dark');
  fake.change({ settings: { ...usual, theme: 'light' } });
  expect(worn()).toBe('light');
  fake.change({ settings: usual });
  expect(worn()).toBeUndefined();
});
