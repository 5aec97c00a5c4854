/** Tidings, Gotify and ntfy side by side: their accounts, what they bring, and signing in to each. */
import type { Account } from '../../src/bindings/Account';
import type { Dialect } from '../../src/bindings/Dialect';
import type { Foreign } from '../../src/bindings/Foreign';
import type { Item } from '../../src/bindings/Item';
import type { Snapshot } from '../../src/bindings/Snapshot';
import { FakeAgent, account, ago, ahead, connected, failure, item, usual } from './agent';

const ours = account();
const gotify = account({
  id: 'a2',
  server: 'https://push.home.example',
  username: 'alice',
  name: 'Home',
  colour: 'teal',
  dialect: 'gotify',
  deletes_on_server: true,
});
const ntfy = account({
  id: 'a3',
  server: 'https://ntfy.example.com',
  username: '',
  colour: 'violet',
  dialect: 'ntfy',
  topics: ['backups', 'grafana-alerts', 'printer-3rd-floor'],
});

const all = [ours, gotify, ntfy];

export const mixed: Item[] = [
  item(30, {
    title: 'Disk 91 % full on db-2',
    body: '/var/lib/postgresql has 41 GB left. At this rate it is full on Thursday.',
    priority: 'urgent',
    topic: 'ops',
    created_at: ago(20),
  }),
  item(29, {
    account: 'a3',
    title: 'Nightly backup failed',
    body: 'restic: 2 of 14 snapshots could not be read.\nLog: https://backup.example.com/runs/1182 (kept for a week)\n\n# not a heading, **nor bold**',
    plain: true,
    priority: 'high',
    topic: 'backups',
    tags: ['rotating_light', 'floppy_disk', 'db-2'],
    attachment: {
      name: 'restic-2026-11-22.log',
      url: 'https://ntfy.example.com/file/k3.log',
      media_type: 'text/plain',
      size: 48_213,
      expires_at: ahead(3 * 3600),
    },
    actions: [
      { id: 'run', label: 'Open the run', url: 'https://backup.example.com/runs/1182', method: null, copy: null },
      { id: 'again', label: 'Run again', url: 'https://backup.example.com/runs', method: 'POST', copy: null },
      { id: 'copy', label: 'Copy the command', url: '', method: null, copy: 'restic check --read-data' },
    ],
    created_at: ago(6 * 60),
  }),
  item(28, {
    account: 'a2',
    title: 'Somebody is at the door',
    body: 'Motion at the **front door**, camera 2.',
    priority: 'high',
    topic: 'Doorbell',
    image_url: 'https://cam.home.example/door.jpg',
    created_at: ago(14 * 60),
  }),
  item(27, { account: 'a2', title: 'Download finished', body: 'debian-13.2.0-amd64-netinst.iso', plain: true, topic: 'Transmission', read: true, created_at: ago(50 * 60) }),
  item(26, { account: 'a3', title: 'CPU of web-1 is back to normal', body: 'Load 0.8', plain: true, topic: 'grafana-alerts', tags: ['white_check_mark'], read: true, created_at: ago(2 * 3600) }),
  item(25, { title: 'main: build 4 812 succeeded', body: '214 tests in 3 min', topic: 'builds', read: true, created_at: ago(3 * 3600) }),
  item(24, { account: 'a3', title: 'Paper is running out', body: 'Tray 2, some 20 sheets.', plain: true, topic: 'printer-3rd-floor', priority: 'low', tags: ['printer'], read: true, created_at: ago(5 * 3600) }),
  item(23, { account: 'a2', title: 'Washing machine is done', body: '', topic: 'Home Assistant', read: true, created_at: ago(26 * 3600) }),
];

const foreigners: Foreign[] = [
  {
    id: 'f1',
    program: 'gotify_tray',
    file: '/home/alice/.config/gotify-tray/gotify-tray.conf',
    dialect: 'gotify',
    server: 'https://push.home.example',
    username: '',
    proof: 'token',
    topics: [],
    known: false,
  },
  {
    id: 'f2',
    program: 'ntfy',
    file: '/home/alice/.config/ntfy/client.yml',
    dialect: 'ntfy',
    server: 'https://ntfy.sh',
    username: '',
    proof: 'nothing',
    topics: ['weather-porto', 'releases'],
    known: false,
  },
];

function agent(change: Partial<Snapshot> = {}): FakeAgent {
  const fake = new FakeAgent({ accounts: all, ...change }, mixed);
  fake.foreigners = foreigners;
  return fake;
}

function open(fake: FakeAgent, id: number): FakeAgent {
  const { hear } = fake;
  fake.hear = async (listener) => {
    await hear.call(fake, listener);
    listener({ event: 'show', value: { item: id } });
  };
  return fake;
}

function entering(dialect: Dialect, version: string, change: Partial<FakeAgent> = {}): FakeAgent {
  const hint = { server: 'push.example.com', username: null, server_locked: false };
  const fake = new FakeAgent({ accounts: [], hint });
  fake.answers = { dialects: [dialect], version };
  return Object.assign(fake, change);
}

const resting: Account = { ...gotify, paused: true, status: { ...connected, state: 'disconnected' } };
const ended: Account = {
  ...ntfy,
  status: { state: 'disconnected', attempt: 1, cause: { kind: 'sign_in_needed', detail: 'HTTP 401' }, retry_at: null, since: ago(400) },
};

export const kindScenes: Record<string, () => FakeAgent> = {
  kinds: agent,
  'kinds-pt': () => agent({ settings: { ...usual, language: 'pt-BR' } }),
  'kinds-file': () => open(agent(), 29),
  'kinds-picture': () => open(agent({ accounts: all.map((one) => ({ ...one, pictures: true })) }), 28),
  'kinds-paused': () => agent({ accounts: [ours, resting, ntfy] }),
  'kinds-ended': () => agent({ accounts: [ours, resting, ended] }),
  'sign-in-gotify': () => entering('gotify', '2.6.1'),
  'sign-in-ntfy': () => entering('ntfy', '2.27.0', { guests: true }),
  'sign-in-unknown': () => entering('ntfy', '', { refuse: { probe: failure('NOT_A_TIDINGS_SERVER') } }),
  'sign-in-topic': () =>
    entering('ntfy', '2.27.0', { guests: true, refuse: { sign_in: failure('FORBIDDEN', 'the topic "secret" may not be read by this account') } }),
  'sign-in-move': () => Object.assign(new FakeAgent({ accounts: [] }), { foreigners }),
};
