/** The state of a connection in words, for the line at the bottom and the connection page. */
import type { Account } from '../bindings/Account';
import { causeWords, type Action } from '../errors';
import { isSettled, type Trouble, type Troubles } from '../state/trouble';
import { words } from './index.svelte';
import { host } from './names';
import { seconds, until } from './time';

export type Tone = 'good' | 'quiet' | 'warn' | 'bad';

export interface Line {
  tone: Tone;
  text: string;
  /** The same for a screen reader: without what changes by the second. */
  spoken?: string;
  action?: Action;
  /** The account to act on. */
  account?: Account;
}

const stopping = new Set([
  'sign_in_needed',
  'blocked',
  'certificate',
  'client_certificate',
  'certificate_file',
  'proxy',
]);

/** One account's connection. */
export function describe(account: Account, trouble: Trouble | undefined, now: number): Line {
  const { status } = account;
  const where = host(account.server);
  const said = words().connection;
  if (!account.signed_in) return { tone: 'quiet', text: said.signedOutOf(where), action: 'sign_in', account };
  if (status.state === 'connected') return { tone: 'good', text: said.connectedTo(where), account };
  if (status.state === 'disconnecting') return { tone: 'quiet', text: said.disconnecting, account };
  if (!trouble?.cause || !isSettled(trouble, status, now)) {
    return { tone: 'quiet', text: trouble?.cause ? said.reconnecting : said.connecting, account };
  }
  const message = causeWords(trouble.cause, where, next(status.state === 'connecting', status.retry_at, now));
  const tone = stopping.has(trouble.cause.kind) ? 'bad' : 'warn';
  const spoken = causeWords(trouble.cause, where, '').sentence;
  const line: Line = { tone, text: message.sentence, spoken, account };
  if (message.action) line.action = message.action;
  return line;
}

function next(trying: boolean, retryAt: string | null, now: number): string {
  const said = words().connection;
  if (trying) return said.tryingNow;
  if (!retryAt) return '';
  const left = until(retryAt, now);
  return left ? said.tryingIn(seconds(left)) : said.tryingNow;
}

const order: Tone[] = ['bad', 'warn', 'quiet', 'good'];

/** All accounts in one line: the one that needs a person most. Those that were signed out on purpose need nobody. */
export function summarize(accounts: Account[], troubles: Troubles, now: number): Line | null {
  const live = accounts.filter((account) => account.signed_in);
  const told = live.length > 0 ? live : accounts.slice(0, 1);
  const lines = told.map((account) => describe(account, troubles.get(account.id), now));
  const worst = order.flatMap((tone) => lines.filter((line) => line.tone === tone))[0];
  if (worst?.tone === 'good' && lines.length > 1) {
    return { ...worst, text: words().connection.allConnected(lines.length) };
  }
  return worst ?? null;
}
