/** Too much of everything: many accounts, long names, words without an end, other scripts, a notification with all there is. */
import type { Item } from '../../src/bindings/Item';
import type { Snapshot } from '../../src/bindings/Snapshot';
import type { Colour } from '../../src/bindings/Colour';
import { FakeAgent, account, ago, ahead, connected, item, usual } from './agent';
import { rich } from './letters';

const colours: Colour[] = ['brass', 'rose', 'violet', 'blue', 'teal', 'green'];
const endless = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft'.repeat(3);
const topics = Array.from({ length: 50 }, (_, at) => (at % 7 ? `sensor-${at}` : `a-topic-with-a-name-that-goes-on-and-on-and-on-until-nobody-reads-it-${at}`));

const accounts = Array.from({ length: 10 }, (_, at) =>
  account({
    id: `a${at + 1}`,
    server: `https://notifications-${at}.department-of-long-names.example.com:8443/push/${at}`,
    username: at === 3 ? 'maria.da.conceicao.albuquerque@department-of-long-names.example.com' : `alice${at}`,
    name: at % 2 ? `The account of department ${at} which has a long name` : null,
    colour: colours[at % colours.length]!,
    dialect: (['ticket', 'gotify', 'ntfy'] as const)[at % 3]!,
    topics: at % 3 === 2 ? topics.slice(0, at === 2 ? 50 : 3) : [],
    paused: at === 7,
    unread: at * 37,
    status:
      at === 4
        ? { state: 'disconnected', attempt: 4, cause: { kind: 'unreachable', detail: 'connect: Connection refused (os error 111)' }, retry_at: ahead(47), since: ago(80) }
        : connected,
  }),
);

const letters: Item[] = [
  {
    ...rich[0]!,
    id: 60,
    account: 'a3',
    title: 'All there is, in one notification with a title that takes two lines or three',
    topic: topics[0]!,
    tags: ['rotating_light', 'floppy_disk', 'nightly', 'engine', 'a-tag-that-is-quite-long', 'db-2', 'eu-west', 'warning'],
    image_url: 'https://cam.home.example/door.jpg',
    attachment: { name: `${endless}.tar.gz`, url: 'https://ntfy.example.com/file/k3.log', media_type: 'application/gzip', size: 4_821_312_345, expires_at: ahead(3 * 3600) },
    actions: [
      { id: 'run', label: 'Open the run', url: 'https://backup.example.com/runs/1182', method: null, copy: null },
      { id: 'again', label: 'Run it again with everything that was chosen the last time it ran', url: 'https://backup.example.com/runs', method: 'POST', copy: null },
      { id: 'copy', label: endless, url: '', method: null, copy: 'restic check --read-data' },
    ],
    disposition: 'quiet_hours',
    kept: true,
  },
  item(59, { account: 'a2', title: endless, body: endless, topic: endless, priority: 'urgent', tags: [endless], created_at: ago(60) }),
  item(58, { account: 'a4', title: 'تم الانتهاء من النسخ الاحتياطي', body: 'استغرق 18 دقيقة، 212 غيغابايت، تم التحقق.\n\n- واحد\n- اثنان\n\n> اقتباس', topic: 'נושא', priority: 'high', created_at: ago(120) }),
  item(57, { account: 'a5', title: 'הגיבוי נכשל: db-2 (disk 91 %)', body: 'בדקו את https://backup.example.com/runs/1182', disposition: 'do_not_disturb', created_at: ago(180) }),
  item(56, { account: 'a6', title: '伺服器備份已完成，所有資料都已經過驗證，沒有發現任何問題，下一次備份將於明天凌晨三點進行', body: '', priority: 'low', created_at: ago(240) }),
  item(55, { account: 'a7', title: '', body: `| ${Array.from({ length: 12 }, (_, at) => `column ${at}`).join(' | ')} |\n|${' --- |'.repeat(12)}\n| ${Array.from({ length: 12 }, (_, at) => `value ${at}`).join(' | ')} |`, created_at: ago(300) }),
  item(54, { account: 'a8', title: 'Line after line', body: Array.from({ length: 60 }, (_, at) => `line ${at} of a log without Markdown`).join('\n'), plain: true, kept: true, read: true, disposition: 'already_read', created_at: ago(400) }),
  ...Array.from({ length: 20 }, (_, at) => item(50 - at, { account: `a${1 + (at % 10)}`, title: `Number ${at}`, topic: topics[at * 2]!, created_at: ago(86_400 * at), read: at > 4 })),
];

const agent = (change: Partial<Snapshot> = {}) =>
  new FakeAgent({ accounts: accounts.map((one) => ({ ...one, pictures: true })), unread: 1234, ...change }, letters);

function open(fake: FakeAgent, id: number): FakeAgent {
  const { hear } = fake;
  fake.hear = async (listener) => {
    await hear.call(fake, listener);
    listener({ event: 'show', value: { item: id } });
  };
  return fake;
}

export const crowdScenes: Record<string, () => FakeAgent> = {
  crowd: agent,
  'crowd-pt': () => agent({ settings: { ...usual, language: 'pt-BR' } }),
  'crowd-everything': () => open(agent(), 60),
  'crowd-endless': () => open(agent(), 59),
  'crowd-right-to-left': () => open(agent(), 58),
  'crowd-table': () => open(agent(), 55),
  'crowd-log': () => open(agent(), 54),
};
