/** The state of a connection in words, for the line at the bottom and the connection page. */
import type { Account } from '../bindings/Account';
import { causeWords, type Action } from '../errors';
import { isSettled, type Trouble, type Troubles } from '../state/trouble';
import { words } from './index.svelte';
import { host, titleOf } from './names';
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
  // at rest because the person wants it so
  if (account.paused) return { tone: 'quiet', text: words().accounts.pausedOf(where), action: 'resume', account };
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

/** How an account stands, in a word or two. */
export function standingOf({ signed_in: signedIn, paused, status }: Account): string {
  if (!signedIn) return words().settings.signedOut;
  return paused ? words().accounts.paused : words().connection.states[status.state];
}

function next(trying: boolean, retryAt: string | null, now: number): string {
  const said = words().connection;
  if (trying) return said.tryingNow;
  if (!retryAt) return '';
  const left = until(retryAt, now);
  return left ? said.tryingIn(seconds(left)) : said.tryingNow;
}

const order: Tone[] = ['bad', 'warn', 'quiet', 'good'];

/**
 * All accounts in one line: the one that needs a person most, by its name. Those that were signed out or paused on
 * purpose need nobody.
 */
export function summarize(accounts: Account[], troubles: Troubles, now: number): Line | null {
  const here = accounts.filter((account) => account.signed_in);
  const live = here.filter((account) => !account.paused);
  const paused = here.length - live.length;
  if (live.length === 0 && paused > 1) return { tone: 'quiet', text: words().accounts.allPaused };
  const told = [live, here, accounts.slice(0, 1)].find((some) => some.length > 0) ?? [];
  const lines = told.map((account) => describe(account, troubles.get(account.id), now));
  const worst = order.flatMap((tone) => lines.filter((line) => line.tone === tone))[0];
  if (!worst) return null;
  if (worst.tone !== 'good') return accounts.length > 1 ? named(worst, accounts) : worst;
  const text = lines.length > 1 ? words().connection.allConnected(lines.length) : worst.text;
  return { ...worst, text: paused > 0 ? words().accounts.besides(text, paused) : text };
}

/** With the account's name, where what is said of it holds for none of the others. */
function named(line: Line, accounts: Account[]): Line {
  const { account } = line;
  if (!account || account.status.cause?.kind === 'offline') return line;
  const name = titleOf(account, accounts);
  const naming = (text: string) => (text.includes(name) ? text : words().accounts.state(name, text));
  const spoken = line.spoken === undefined ? {} : { spoken: naming(line.spoken) };
  return { ...line, text: naming(line.text), ...spoken };
}
