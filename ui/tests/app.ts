/** The whole page in front of a made-up agent. */
import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';

import App from '../src/App.svelte';
import type { FakeAgent } from './fake/agent';

export async function open(fake: FakeAgent, waitFor = 'connection-line') {
  const user = userEvent.setup();
  render(App, { transport: fake });
  await screen.findByTestId(waitFor);
  return user;
}

export const get = (id: string) => screen.getByTestId(id);
export const find = (id: string) => screen.findByTestId(id);
export const query = (id: string) => screen.queryByTestId(id);
export const rows = () => screen.queryAllByTestId('inbox-row');
export const ids = () => rows().map((row) => Number(row.dataset['itemId']));
export const last = <T>(list: T[]): T | undefined => list.at(-1);
