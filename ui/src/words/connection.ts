/** The state of a connection in words, for the line at the bottom and the connection page. */
import type { Account } from '../bindings/Account';
import { causeWords, type Action } from '../errors';
import { isSettled, type Trouble, type Troubles } from '../state/trouble';
import { host } from './names';
import { seconds, until } from './time';

export type Tone = 'good' | 'quiet' | 'warn' | 'bad';

export interface Line {
  tone: Tone;
  text: string;
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
  if (status.state === 'connected') return { tone: 'good', text: `Connected to ${where}`, account };
  if (status.state === 'disconnecting') return { tone: 'quiet', text: 'Disconnecting…', account };
  if (!trouble?.cause || !isSettled(trouble, status, now)) {
    return { tone: 'quiet', text: trouble?.cause ? 'Reconnecting…' : 'Connecting…', account };
  }
  const words = causeWords(trouble.cause, where, next(status.state === 'connecting', status.retry_at, now));
  const line: Line = { tone: stopping.has(trouble.cause.kind) ? 'bad' : 'warn', text: words.sentence, account };
  if (words.action) line.action = words.action;
  return line;
}

function next(trying: boolean, retryAt: string | null, now: number): string {
  if (trying) return 'Trying now…';
  if (!retryAt) return '';
  const left = until(retryAt, now);
  return left ? `Trying again in ${seconds(left)}.` : 'Trying now…';
}

const order: Tone[] = ['bad', 'warn', 'quiet', 'good'];

/** All accounts in one line: the one that needs a person most. */
export function summarize(accounts: Account[], troubles: Troubles, now: number): Line | null {
  const lines = accounts.map((account) => describe(account, troubles.get(account.id), now));
  const worst = order.flatMap((tone) => lines.filter((line) => line.tone === tone))[0];
  if (worst?.tone === 'good' && lines.length > 1) {
    return { ...worst, text: `All ${lines.length} accounts are connected` };
  }
  return worst ?? null;
}
