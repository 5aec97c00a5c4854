/** What there is to look at: each scene is an agent in a state of its own. */
import type { CauseKind } from '../../src/bindings/CauseKind';
import type { Item } from '../../src/bindings/Item';
import type { NoticeCode } from '../../src/bindings/NoticeCode';
import type { Status } from '../../src/bindings/Status';
import { FakeAgent, account, ago, ahead, connected, failure, item } from './agent';
import { inboxScenes } from './letters';
import { desk } from './desk-scenes';
import { crowdScenes } from './crowd-scenes';
import { kindScenes } from './kind-scenes';

const never = () => new Promise<void>(() => {});

const letters: Item[] = [
  item(12, {
    title: 'Disk 91 % full on db-2',
    body: '/var/lib/postgresql has 41 GB left. At this rate it is full on Thursday.\n\nOldest backup set: 2026-08-02.',
    priority: 'urgent',
    topic: 'ops',
    tags: ['disk', 'db-2'],
    click_url: 'https://grafana.example.com/d/disk?host=db-2',
    created_at: ago(20),
  }),
  item(11, {
    title: 'main: build 4 812 failed',
    body: 'cargo test -p engine: 1 of 214 failed (keepalive::closes_after_silence)',
    priority: 'high',
    topic: 'builds',
    click_url: 'https://ci.example.com/4812',
    created_at: ago(4 * 60),
  }),
  item(10, { title: 'Marta commented on “Autumn plan”', body: 'Looks good. One question about week 43.', created_at: ago(17 * 60) }),
  item(9, { title: 'Backup finished', body: '212 GB in 18 min, verified.', priority: 'low', read: true, created_at: ago(55 * 60), topic: 'ops' }),
  item(8, { title: 'Deploy of web 2.31 is live', body: 'All 6 regions. Rollback: tidy web 2.30', read: true, created_at: ago(3 * 3600), disposition: 'do_not_disturb' }),
  item(7, { title: 'Your parcel is on its way', body: 'Expected tomorrow between 10:00 and 12:00.', read: true, created_at: ago(5 * 3600) }),
  item(6, { title: 'A very long title that does not fit on a single line whatever the width of the window may be', body: 'And a body that is long as well, so that both of them end in an ellipsis where the row ends.', read: true, created_at: ago(26 * 3600) }),
  item(5, { title: 'Certificate of mail.example.com renewed', body: 'Valid until 14 February.', priority: 'min', read: true, created_at: ago(27 * 3600), disposition: 'low_priority' }),
  item(4, { title: 'Weekly summary', body: '14 builds, 2 failed. 3 deploys.', read: true, created_at: ago(4 * 86400) }),
  item(3, { title: 'Temperature in the server room back to normal', body: '22.4 °C', read: true, created_at: ago(4 * 86400 + 900), topic: 'sensors' }),
];

function trouble(kind: CauseKind, detail: string, change: Partial<Status> = {}): () => FakeAgent {
  return () => {
    const status: Status = {
      state: 'disconnected',
      attempt: 4,
      cause: { kind, detail },
      retry_at: null,
      since: ago(8),
      ...change,
    };
    return new FakeAgent({ accounts: [account({ status })] }, letters);
  };
}

const noticed = (...codes: NoticeCode[]) =>
  new FakeAgent(
    { notices: codes.map((code) => ({ code, detail: 'org.kde.StatusNotifierWatcher: no owner', account: null, since: ago(60) })) },
    letters,
  );

function refused(code: Parameters<typeof failure>[0]): FakeAgent {
  const fake = new FakeAgent({ accounts: [], hint: { server: 'alerts.example.com', username: 'alice', server_locked: false } });
  fake.refuse.sign_in = failure(code);
  return fake;
}

export const scenes: Record<string, () => FakeAgent> = {
  ...inboxScenes,
  ...desk(letters),
  ...kindScenes,
  ...crowdScenes,
  inbox: () => new FakeAgent({}, letters),
  empty: () => new FakeAgent(),
  guest: () => {
    const fake = new FakeAgent({ accounts: [], hint: { server: 'alerts.example.com', username: null, server_locked: false } });
    fake.guests = true;
    return fake;
  },
  details: () => {
    const down: Status = {
      state: 'disconnected',
      attempt: 3,
      cause: { kind: 'server_busy', detail: 'HTTP 503 TICKETS_UNAVAILABLE at ticket' },
      retry_at: ahead(12),
      since: ago(9),
    };
    const trying: Status = { state: 'connecting', attempt: 2, cause: null, retry_at: null, since: ago(10) };
    const fake = new FakeAgent({ accounts: [account({ status: down })] }, letters);
    fake.known = {
      round_trip: { ms: 41.7, at: ago(95) },
      transitions: [{ ...connected, since: ago(900) }, { ...down, attempt: 1, since: ago(80), retry_at: null }, trying, down],
      unreadable: 2,
      reported: { code: 'RATE_LIMITED', message: 'Too many reads in one minute', at: ago(400) },
    };
    return fake;
  },
  many: () => {
    const rows = Array.from({ length: 10_000 }, (_, at) =>
      item(10_000 - at, { read: at > 130, created_at: ago(at * 1200), title: `Reading ${10_000 - at}` }),
    );
    return new FakeAgent({}, rows);
  },
  two: () =>
    new FakeAgent(
      {
        accounts: [
          account(),
          account({ id: 'a2', server: 'https://push.home.example:8443/tidings', username: 'alice@home', dialect: 'token', persistence: 'this_run' }),
        ],
        autostart: 'unavailable',
        do_not_disturb: { on: true, until: null },
      },
      letters.map((row) => (row.id % 3 ? row : { ...row, account: 'a2' })),
    ),
  'sign-in': () => new FakeAgent({ accounts: [] }),
  'sign-in-hint': () => new FakeAgent({ accounts: [], hint: { server: 'http://127.0.0.1:8080', username: 'demo', server_locked: false } }),
  'sign-in-busy': () => {
    const fake = refused('INTERNAL');
    const { control } = fake;
    fake.control = (request) => (request.method === 'sign_in' ? never().then(() => control.call(fake, request)) : control.call(fake, request));
    return fake;
  },
  'sign-in-wrong': () => refused('INVALID_CREDENTIALS'),
  'sign-in-unencrypted': () => refused('UNENCRYPTED_REFUSED'),
  'sign-in-limited': () => refused('RATE_LIMITED'),
  connecting: trouble('unreachable', '', { state: 'connecting', attempt: 0, cause: null, since: ago(1) }),
  offline: trouble('offline', 'no usable interface'),
  retrying: trouble('unreachable', 'connect: Connection refused (os error 111)', { retry_at: ahead(47) }),
  busy: trouble('server_busy', 'HTTP 503 TICKETS_UNAVAILABLE', { retry_at: ahead(40) }),
  ended: trouble('sign_in_needed', 'HTTP 401 REFRESH_REVOKED'),
  blocked: trouble('blocked', 'HTTP 403 ORIGIN_BLOCKED'),
  certificate: trouble('certificate', 'it expired 3 days ago'),
  notices: () => noticed('no_tray', 'keychain_locked'),
  full: () => noticed('storage_full'),
  loading: () => {
    const fake = new FakeAgent({}, letters);
    const { control } = fake;
    fake.control = (request) => (request.method === 'inbox' ? never().then(() => control.call(fake, request)) : control.call(fake, request));
    return fake;
  },
  unreadable: () => {
    const fake = new FakeAgent({}, letters);
    fake.refuse.inbox = failure('STORAGE_FAILED', 'database disk image is malformed');
    return fake;
  },
  down: () => {
    const fake = new FakeAgent();
    fake.refuse.subscribe = failure('AGENT_UNREACHABLE', 'the agent is not running; start it with `tidings-agent run`');
    return fake;
  },
  complaint: () => {
    const fake = new FakeAgent({}, letters);
    fake.refuse.open_link = failure('LINK_REFUSED', 'scheme "file" is not opened');
    return fake;
  },
};
