import { screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';

import type { Status } from '../src/bindings/Status';
import { FakeAgent, account, ago, ahead, connected, failure, item } from './fake/agent';
import { find, get, last, open, query } from './app';

const retrying: Status = {
  state: 'disconnected',
  attempt: 3,
  cause: { kind: 'unreachable', detail: 'connection refused' },
  retry_at: ahead(40),
  since: ago(1),
};

describe('the line at the bottom', () => {
  it('tells the state, and what the person can do', async () => {
    const fake = new FakeAgent();
    const user = await open(fake);
    expect(get('connection-line').dataset['state']).toBe('connected');
    fake.tell({ event: 'status', value: { account: 'a1', status: retrying } });
    await user.click(await find('reconnect'));
    expect(get('connection-line').dataset['state']).toBe('disconnected');
    expect(get('connection-line').textContent).toMatch(/Trying again in \d+\u00a0s/);
    expect(last(fake.asked)).toEqual({ method: 'reconnect', params: { account: 'a1' } });
    fake.tell({ event: 'status', value: { account: 'a1', status: connected } });
    await waitFor(() => expect(query('reconnect')).toBeNull());
  });

  it('keeps what was told while it asked, even if the answer comes last', async () => {
    const fake = new FakeAgent({ accounts: [account({ status: retrying })] });
    let release = (): void => undefined;
    fake.gate = new Promise((done) => (release = done));
    const shown = open(fake);
    await waitFor(() => expect(fake.asked.map(({ method }) => method)).toContain('subscribe'));
    fake.tell({ event: 'status', value: { account: 'a1', status: connected } });
    release();
    await shown;
    await waitFor(() => expect(get('connection-line').dataset['state']).toBe('connected'));
  });

  it('leads to the detail', async () => {
    const cause = { kind: 'certificate' as const, detail: 'it expired 3 days ago' };
    const status: Status = { ...retrying, cause, retry_at: null };
    const user = await open(new FakeAgent({ accounts: [account({ status })] }));
    expect(get('connection-line').textContent).toContain('isn’t trusted: it expired 3 days ago. Nothing was sent.');
    await user.click(get('details'));
    expect(get('account-state').querySelector('details')?.open).toBe(true);
    expect(get('account-state').textContent).toContain('it expired 3 days ago');
  });
});

describe('an agent that is not there', () => {
  it('is said, and started on request', async () => {
    const fake = new FakeAgent();
    fake.refuse.subscribe = failure('AGENT_UNREACHABLE');
    const user = await open(fake, 'agent-down');
    delete fake.refuse.subscribe;
    await user.click(get('agent-start'));
    await find('connection-line');
  });

  it('is noticed when it goes and when it is back', async () => {
    const fake = new FakeAgent({}, [item(1)]);
    await open(fake);
    fake.tell({ event: 'agent_down', value: failure('AGENT_UNREACHABLE') });
    await find('agent-down');
    fake.items = [item(2), item(1)];
    fake.tell({ event: 'agent_up', value: { replaced: null } });
    await waitFor(() => expect(screen.getAllByTestId('inbox-row')).toHaveLength(2));
  });

  it('is said to be new where an older one was replaced', async () => {
    const fake = new FakeAgent();
    await open(fake);
    fake.tell({ event: 'agent_up', value: { replaced: '0.0.9' } });
    expect((await find('notice-replaced')).textContent).toContain('updated');
  });
});

it('shows notices until they are put away', async () => {
  const notice = { code: 'no_tray' as const, detail: 'no watcher', account: null, since: ago(1) };
  const fake = new FakeAgent({ notices: [notice] });
  const user = await open(fake);
  await user.click(within(get('notice-no_tray')).getByLabelText('Put away'));
  expect(last(fake.asked)).toEqual({ method: 'dismiss_notice', params: { code: 'no_tray' } });
  await waitFor(() => expect(query('notice-no_tray')).toBeNull());
});

describe('whoever goes by keys', () => {
  it('can skip the bar', async () => {
    const user = await open(new FakeAgent());
    await user.tab();
    expect(document.activeElement).toBe(get('skip'));
    await user.keyboard('{Enter}');
    expect(document.activeElement).toBe(screen.getByRole('main'));
  });

  it('stays on what was pressed while it is there, and is on the new page when it is not', async () => {
    const status: Status = { ...retrying, cause: { kind: 'certificate', detail: 'it expired' }, retry_at: null };
    const user = await open(new FakeAgent({ accounts: [account({ status })] }));
    await user.click(get('nav-settings'));
    expect(document.activeElement).toBe(get('nav-settings'));
    // the action leads to the page whose line has none
    await user.click(get('details'));
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('main')));
  });

  it('finds the page by its heading', async () => {
    const user = await open(new FakeAgent());
    for (const [id, heading] of [['connection', 'Connection'], ['settings', 'Settings'], ['inbox', 'Inbox']] as const) {
      await user.click(get(`nav-${id}`));
      expect(screen.getByRole('heading', { level: 1 }).textContent).toBe(heading);
    }
  });
});

describe('a screen reader', () => {
  const spoken = () => get('connection-spoken').textContent;

  it('hears of trouble that stays, and of its end, and of nothing in between', async () => {
    const fake = new FakeAgent();
    await open(fake);
    expect(spoken()).toBe('');
    fake.tell({ event: 'status', value: { account: 'a1', status: { ...connected, state: 'connecting', attempt: 1, since: ago(0) } } });
    await waitFor(() => expect(get('connection-line').dataset['state']).toBe('connecting'));
    expect(spoken()).toBe('');
    fake.tell({ event: 'status', value: { account: 'a1', status: retrying } });
    await waitFor(() => expect(spoken()).toBe('Can’t reach alerts.example.com.'));
    fake.tell({ event: 'status', value: { account: 'a1', status: connected } });
    await waitFor(() => expect(spoken()).toBe('Connected to alerts.example.com'));
  });
});
