import { expect, it } from 'vitest';

import type { Diagnostics } from '../src/bindings/Diagnostics';
import { speak } from '../src/words/index.svelte';
import { reportOf } from '../src/words/report';
import { ago, connected } from './fake/agent';

const now = Date.now();
const known: Diagnostics = {
  version: '0.1.0',
  system: 'linux x86_64',
  connections: [
    {
      account: 'a1',
      server: 'https://alice:hunter2@alerts.example.com/base?token=t0p',
      username: 'alice',
      dialect: 'ticket',
      status: connected,
      round_trip: { ms: 41.7, at: ago(9) },
      transitions: [{ ...connected, state: 'disconnected', cause: { kind: 'server_busy', detail: 'HTTP 503' }, attempt: 2 }],
      unreadable: 3,
      reported: { code: 'RATE_LIMITED', message: 'slow down', at: ago(90) },
      history: [
        { from: ago(7200), state: 'connected', cause: null },
        { from: ago(3600), state: 'disconnected', cause: 'server_busy' },
        { from: ago(3000), state: 'connected', cause: null },
      ],
      round_trips: [{ ms: 41.7, at: ago(9) }],
      link: {
        url: 'wss://alerts.example.com/ws?ticket=s3cret#s3cret',
        peer: '203.0.113.7:443',
        tls: null,
        epoch: 'e1',
        seq: 4,
        keepalive_s: 25,
      },
    },
  ],
  parts: [{ kind: 'tray', health: 'missing', detail: 'no watcher' }],
};

it('holds what is needed to find a fault', () => {
  const text = reportOf(known, now);
  const needed = [
    ...['Tidings 0.1.0, linux x86_64', 'https://alerts.example.com/base, ticket', 'wss://alerts.example.com/ws at 203'],
    ...['attempt 2 server_busy (HTTP 503)', 'median 41.7 ms', 'unreadable messages 3', 'RATE_LIMITED: slow down'],
    ...['600 s server_busy', 'tray: missing (no watcher)', 'log e1, last number 4'],
  ];
  for (const part of needed) expect(text).toContain(part);
});

it('holds no secret and nobody’s name', () => {
  expect(reportOf(known, now)).not.toMatch(/alice|hunter2|t0p|s3cret|token=|ticket=/);
});

it('is the same in every language', () => {
  const english = reportOf(known, now);
  speak('pt-BR');
  expect(reportOf(known, now)).toBe(english);
  speak('system');
});
