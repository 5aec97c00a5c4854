import { waitFor, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';

import type { Settings } from '../src/bindings/Settings';
import { FakeAgent, account, failure, item, usual } from './fake/agent';
import { find, get, last, open, query } from './app';

type Group = 'accounts' | 'notifications' | 'general' | 'advanced';

async function opened(fake: FakeAgent, group: Group) {
  const user = await open(fake);
  await user.click(get('nav-settings'));
  await user.click(get(`settings-${group}`));
  return user;
}

const set = (change: Partial<Settings>) => new FakeAgent({ settings: { ...usual, ...change } });
const sent = (fake: FakeAgent, method: string) => fake.asked.filter((request) => request.method === method);
const params = (fake: FakeAgent, method: string) => {
  const request = last(sent(fake, method));
  return request && 'params' in request ? request.params : undefined;
};
const alerts = () => [...document.querySelectorAll('[role=alert]')].map((each) => each.textContent).filter(Boolean);

describe('the groups of settings', () => {
  it('are gone through by arrow keys, Home and End', async () => {
    const user = await opened(new FakeAgent(), 'accounts');
    await user.keyboard('{ArrowRight}');
    expect(document.activeElement).toBe(get('settings-notifications'));
    expect(get('settings-notifications').getAttribute('aria-selected')).toBe('true');
    await find('dnd-switch');
    await user.keyboard('{End}');
    expect(document.activeElement).toBe(get('settings-advanced'));
    await user.keyboard('{ArrowRight}');
    expect(document.activeElement).toBe(get('settings-accounts'));
    await user.keyboard('{ArrowLeft}{Home}');
    expect(document.activeElement).toBe(get('settings-accounts'));
  });
});

describe('a setting', () => {
  it('takes effect at once, and shows what the agent made of it', async () => {
    const fake = new FakeAgent();
    const user = await opened(fake, 'notifications');
    await user.click(get('urgent-passes'));
    expect(params(fake, 'set')).toEqual({ name: 'urgent_passes', value: false });
    await waitFor(() => expect(get('urgent-passes').getAttribute('aria-checked')).toBe('false'));
    await user.selectOptions(get('sound'), 'bell');
    expect(params(fake, 'set')).toEqual({ name: 'sound', value: 'bell' });
  });

  it('stays where it was if the agent refuses', async () => {
    const fake = new FakeAgent();
    fake.refuse.set = failure('STORAGE_FULL');
    fake.refuse.set_autostart = failure('AUTOSTART_UNAVAILABLE');
    const user = await opened(fake, 'notifications');
    await user.selectOptions(get('sound'), 'bell');
    await find('complaint');
    expect(get('sound')).toHaveProperty('value', 'system');
    await user.click(get('settings-general'));
    await user.click(get('autostart-switch'));
    expect(get('autostart-switch').getAttribute('aria-checked')).toBe('false');
  });

  it('that an administrator has decided says so, and cannot be changed', async () => {
    const locked = ['theme', 'keep_days', 'autostart', 'proxy', 'quiet_hours', 'rules', 'sound'];
    const quiet_hours = [{ days: ['monday' as const], from: '22:00', until: '07:00' }];
    const user = await opened(set({ locked, quiet_hours }), 'general');
    const ids = ['theme-dark', 'keep_days', 'autostart-switch'];
    expect(ids.map((id) => get(id)).every((control) => control.matches(':disabled'))).toBe(true);
    expect(get('keep_count').matches(':disabled')).toBe(false);
    expect(get('settings-panel').textContent.match(/Your administrator has decided this/g)).toHaveLength(3);
    await user.click(get('settings-notifications'));
    const quiet = ['quiet-add', 'quiet-remove', 'quiet-from', 'day-monday', 'exception-add', 'sound'];
    expect(quiet.filter((id) => !get(id).matches(':disabled'))).toEqual([]);
    await user.click(get('settings-advanced'));
    expect(get('proxy-direct').matches(':disabled')).toBe(true);
  });

  it('changes the theme of the whole window', async () => {
    const user = await opened(new FakeAgent(), 'general');
    await user.click(get('theme-dark'));
    await waitFor(() => expect(document.documentElement.dataset['theme']).toBe('dark'));
    await user.click(get('theme-light'));
    await waitFor(() => expect(document.documentElement.dataset['theme']).toBe('light'));
  });
});

describe('a text', () => {
  it('takes effect on Enter, and when its field is left', async () => {
    const fake = new FakeAgent();
    const user = await opened(fake, 'general');
    await user.clear(get('keep_days'));
    await user.type(get('keep_days'), '30{Enter}');
    expect(params(fake, 'set')).toEqual({ name: 'keep_days', value: 30 });
    await user.clear(get('keep_count'));
    await user.type(get('keep_count'), '1,000');
    await user.tab();
    expect(params(fake, 'set')).toEqual({ name: 'keep_count', value: 1000 });
    expect(sent(fake, 'set')).toHaveLength(2);
  });

  it('says beside itself what is wrong, and keeps what was typed', async () => {
    const fake = new FakeAgent();
    const user = await opened(fake, 'general');
    fake.refuse.set = failure('BAD_REQUEST', 'keep_days: 0');
    await user.clear(get('keep_days'));
    await user.type(get('keep_days'), '0{Enter}');
    await waitFor(() => expect(alerts()).toEqual(['Enter a number of days from 1 to 3,650.']));
    expect(get('keep_days').getAttribute('aria-invalid')).toBe('true');
    expect(get('keep_days')).toHaveProperty('value', '0');
    expect(query('complaint')).toBeNull();
    await user.keyboard('{Escape}');
    expect(get('keep_days')).toHaveProperty('value', '90');
    expect(alerts()).toEqual([]);
  });

  it('that is no number is not even sent', async () => {
    const fake = new FakeAgent();
    const user = await opened(fake, 'general');
    await user.type(get('keep_days'), 'x{Enter}');
    await waitFor(() => expect(alerts()).toHaveLength(1));
    expect(sent(fake, 'set')).toEqual([]);
  });
});

describe('do not disturb', () => {
  it('is switched, for a while or until it is turned off, and says until when', async () => {
    const fake = new FakeAgent();
    const user = await opened(fake, 'notifications');
    await user.click(get('dnd-hour'));
    expect(params(fake, 'set_do_not_disturb')).toEqual({ quiet: 'hour' });
    await waitFor(() => expect(get('dnd-switch').getAttribute('aria-checked')).toBe('true'));
    expect(get('settings-panel').textContent).toMatch(/On until .*\d:\d\d/);
    await user.click(get('dnd-switch'));
    expect(params(fake, 'set_do_not_disturb')).toEqual({ quiet: 'off' });
    await user.click(get('dnd-switch'));
    await waitFor(() => expect(get('settings-panel').textContent).toContain('On until you turn it off.'));
  });

  it('is not the only reason why it is quiet, and the other one is told', async () => {
    const fake = new FakeAgent({ silence: { reason: 'desktop_quiet', until: null } });
    await opened(fake, 'notifications');
    expect(get('silence').textContent).toBe('Your desktop is set to do not disturb.');
    fake.change({ silence: null });
    await waitFor(() => expect(query('silence')).toBeNull());
  });

  it('is tried out by a preview', async () => {
    const fake = new FakeAgent();
    const user = await opened(fake, 'notifications');
    await user.click(get('preview-toast'));
    expect(last(fake.asked)).toEqual({ method: 'preview_toast' });
  });
});

describe('quiet hours', () => {
  const week = { days: ['monday' as const, 'tuesday' as const], from: '22:00', until: '07:00' };

  it('are added as nights, changed by day and time, and removed', async () => {
    const fake = new FakeAgent();
    const user = await opened(fake, 'notifications');
    await user.click(get('quiet-add'));
    const first = await find('quiet-span');
    expect(first.textContent).toContain('Ends the next day.');
    await user.click(get('day-sunday'));
    await user.clear(get('quiet-from'));
    await user.type(get('quiet-from'), '9 pm{Enter}');
    const days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
    expect(params(fake, 'set')).toEqual({ name: 'quiet_hours', value: [{ days, from: '21:00', until: '07:00' }] });
    await waitFor(() => expect(get('quiet-from')).toHaveProperty('value', '21:00'));
    await user.click(get('quiet-remove'));
    await waitFor(() => expect(query('quiet-span')).toBeNull());
    expect(document.activeElement).toBe(get('quiet-add'));
  });

  it('say how they end', async () => {
    const fake = set({ quiet_hours: [{ ...week, from: '00:00', until: '00:00' }] });
    await opened(fake, 'notifications');
    expect(get('quiet-span').textContent).toContain('Lasts a whole day.');
    fake.change({ settings: { ...usual, quiet_hours: [{ ...week, from: '12:00', until: '13:00' }] } });
    await waitFor(() => expect(get('quiet-span').textContent).not.toMatch(/Lasts|Ends/));
  });

  it('need a day and a time, and say so', async () => {
    const fake = set({ quiet_hours: [{ ...week, days: ['monday'] }] });
    const user = await opened(fake, 'notifications');
    await user.click(get('day-monday'));
    expect(alerts()).toEqual(['Choose at least one day.']);
    await user.clear(get('quiet-until'));
    await user.type(get('quiet-until'), 'late');
    await user.tab();
    expect(alerts()).toEqual(['Enter a time like 22:00.']);
    expect(sent(fake, 'set')).toEqual([]);
  });
});

describe('exceptions', () => {
  const ops = [item(1, { topic: 'ops' }), item(2, { topic: 'builds' })];

  it('are made for accounts and topics, changed, and removed', async () => {
    const fake = new FakeAgent({}, ops);
    const user = await opened(fake, 'notifications');
    await within(get('exception-for')).findByText('ops · alice @ alerts.example.com');
    await user.selectOptions(get('exception-for'), 'ops · alice @ alerts.example.com');
    await user.click(get('exception-add'));
    const muted = { account: 'a1', topic: 'ops', muted: true, least_priority: null };
    expect(params(fake, 'set')).toEqual({ name: 'rules', value: [muted] });
    await user.selectOptions(await find('exception-least'), 'high');
    expect(params(fake, 'set')).toEqual({ name: 'rules', value: [{ ...muted, muted: false, least_priority: 'high' }] });
    const offered = [...get('exception-for').querySelectorAll('option')].map((each) => each.textContent);
    expect(offered).toEqual(['All of alice @ alerts.example.com', 'builds · alice @ alerts.example.com']);
    await user.click(get('exception-remove'));
    await waitFor(() => expect(query('exception')).toBeNull());
    expect(params(fake, 'set')).toEqual({ name: 'rules', value: [] });
  });
});

describe('accounts', () => {
  const two = () =>
    new FakeAgent({ accounts: [account(), account({ id: 'a2', server: 'https://b.example.com', name: 'Home' })] });
  const order = () => [...document.querySelectorAll<HTMLElement>('[data-account]')].map((row) => row.dataset['account']);

  it('are named, coloured, and may show pictures', async () => {
    const fake = new FakeAgent();
    const user = await opened(fake, 'accounts');
    await user.type(get('account-name'), 'Work{Enter}');
    expect(params(fake, 'set_account')).toEqual({ account: 'a1', name: 'Work' });
    await waitFor(() => expect(get('account').textContent).toContain('Work'));
    await user.click(get('colour-teal'));
    expect(params(fake, 'set_account')).toEqual({ account: 'a1', colour: 'teal' });
    await user.click(get('account-pictures'));
    expect(params(fake, 'set_account')).toEqual({ account: 'a1', pictures: true });
  });

  it('are moved, and the focus goes along', async () => {
    const fake = two();
    const user = await opened(fake, 'accounts');
    const second = () => document.querySelector<HTMLElement>('[data-account=a2]')!;
    await user.click(within(second()).getByTestId('account-choices'));
    await user.click(within(second()).getByTestId('move-up'));
    expect(params(fake, 'set_account')).toEqual({ account: 'a2', place: 0 });
    await waitFor(() => expect(order()).toEqual(['a2', 'a1']));
    await waitFor(() => expect(document.activeElement).toBe(within(second()).getByTestId('move-down')));
  });

  it('sign out after asking once more; the history stays, and so does the way back', async () => {
    const fake = two();
    const user = await opened(fake, 'accounts');
    const first = () => within(document.querySelector<HTMLElement>('[data-account=a1]')!);
    await user.click(first().getByTestId('account-choices'));
    await user.click(get('sign-out'));
    expect(sent(fake, 'sign_out')).toEqual([]);
    await user.click(get('sign-out-confirm'));
    expect(params(fake, 'sign_out')).toEqual({ account: 'a1' });
    await waitFor(() => expect(first().getByTestId('account-choices').textContent).toContain('Signed out'));
    await waitFor(() => expect(document.activeElement).toBe(get('account-sign-in')));
    await user.click(get('account-sign-in'));
    expect(get('server')).toHaveProperty('value', 'https://alerts.example.com');
  });

  it('ask to sign in once the last has signed out', async () => {
    const user = await opened(new FakeAgent(), 'accounts');
    await user.click(get('sign-out'));
    await user.click(get('sign-out-confirm'));
    await find('sign-in');
  });

  it('are forgotten after asking once more', async () => {
    const fake = two();
    const user = await opened(fake, 'accounts');
    await user.click(within(document.querySelector<HTMLElement>('[data-account=a2]')!).getByTestId('account-choices'));
    await user.click(get('forget'));
    expect(sent(fake, 'forget')).toEqual([]);
    await user.click(get('forget-confirm'));
    expect(params(fake, 'forget')).toEqual({ account: 'a2' });
    await waitFor(() => expect(order()).toEqual(['a1']));
    await waitFor(() => expect(document.activeElement).toBe(get('account-choices')));
  });

  it('take a question back by Escape, with the focus where it was', async () => {
    const user = await opened(new FakeAgent(), 'accounts');
    await user.click(get('sign-out'));
    await waitFor(() => expect(document.activeElement).toBe(get('sign-out-cancel')));
    await user.keyboard('{Escape}');
    expect(query('sign-out-confirm')).toBeNull();
    await waitFor(() => expect(document.activeElement).toBe(get('sign-out')));
  });

  it('show how they connect, and change it', async () => {
    const fake = new FakeAgent();
    const paths = { login_path: '/in' };
    fake.routes['a1'] = { dialect: 'ticket', paths, ca_file: '/etc/ca.pem', client_certificate: null, client_key: null };
    const user = await opened(fake, 'accounts');
    expect(sent(fake, 'route')).toEqual([]);
    await user.click(get('route').querySelector('summary')!);
    expect(await find('route-ca_file')).toHaveProperty('value', '/etc/ca.pem');
    expect(get('route-login_path')).toHaveProperty('value', '/in');
    await user.clear(get('route-login_path'));
    await user.tab();
    expect(fake.routes['a1'].paths).toEqual({});
    await user.type(get('route-socket_path'), '/live{Enter}');
    await user.clear(get('route-ca_file'));
    await user.tab();
    expect(fake.routes['a1']).toEqual({ ...fake.routes['a1'], paths: { socket_path: '/live' }, ca_file: null });
    fake.refuse.set_route = { code: 'CLIENT_KEY_UNUSABLE', message: 'the client key /k.pem is not there' };
    await user.type(get('route-client_key'), '/k.pem{Enter}');
    await waitFor(() => expect(alerts()).toEqual(['The client key /k.pem is not there.']));
  });
});

describe('the proxy', () => {
  it('is the system’s, none, or one by its address', async () => {
    const fake = new FakeAgent();
    const user = await opened(fake, 'advanced');
    await user.click(get('proxy-direct'));
    expect(params(fake, 'set')).toEqual({ name: 'proxy', value: { kind: 'direct' } });
    await user.click(get('proxy-through'));
    expect(sent(fake, 'set')).toHaveLength(1);
    await user.type(await find('proxy-url'), 'http://proxy.example.com:3128{Enter}');
    expect(params(fake, 'set')).toEqual({ name: 'proxy', value: { kind: 'through', url: 'http://proxy.example.com:3128' } });
  });

  it('says what is wrong with its address', async () => {
    const fake = new FakeAgent();
    fake.refuse.set = failure('BAD_REQUEST');
    const user = await opened(fake, 'advanced');
    await user.click(get('proxy-through'));
    await user.type(await find('proxy-url'), 'ftp://x{Enter}');
    await waitFor(() => expect(alerts()[0]).toMatch(/^Enter an address like/));
  });
});
