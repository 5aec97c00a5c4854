/** Names of what the agent tells in addresses, codes and numbers. */
import type { Account } from '../bindings/Account';
import { kindOf, type Kind } from '../state/kinds';
import { words } from './index.svelte';

/** What the makers of a kind of server call it. */
export const kindNames: Record<Kind, string> = { tidings: 'Tidings', gotify: 'Gotify', ntfy: 'ntfy' };

/** What the kind of an account's server is called. */
export const kindName = ({ dialect }: Pick<Account, 'dialect'>): string => kindNames[kindOf(dialect)];

/** Who an account is; only guests have no name, and whoever reads what everybody may read. */
export function called(account: Pick<Account, 'username' | 'dialect'>): string {
  return account.username || (isNobody(account) ? words().accounts.nobody : words().connection.guest);
}

const isNobody = ({ username, dialect }: Pick<Account, 'username' | 'dialect'>) => username === '' && dialect === 'ntfy';

/** What an account goes by: the name that it was given, else its user; its server, where that is nobody. */
export function nameOf(account: Account): string {
  return account.name || (isNobody(account) ? host(account.server) : called(account));
}

/** What an account goes by among several: where two users have one name, the server tells them apart. */
export function fullName(account: Account): string {
  const where = host(account.server);
  return account.name || (isNobody(account) ? where : `${called(account)} @ ${where}`);
}

/** What a rule is for: a topic, or all of an account. */
export function ruleName({ account, topic }: { account: string; topic: string | null }, accounts: Account[]): string {
  const known = accounts.find(({ id }) => id === account);
  const name = known ? fullName(known) : account;
  return topic === null ? words().settings.allOf(name) : words().settings.topicOf(topic, name);
}

/** What marks a notification's account where there is little room: its name, else its server where that is enough. */
export function titleOf(account: Account, accounts: Account[]): string {
  const alike = accounts.filter(({ server }) => server === account.server).length > 1;
  return account.name || (alike ? fullName(account) : host(account.server));
}

/** The part of a server's address that a person knows it by. */
export function host(server: string): string {
  try {
    const url = new URL(server);
    return url.host + (url.pathname === '/' ? '' : url.pathname.replace(/\/$/, ''));
  } catch {
    return server;
  }
}

/** Where a link leads, as its owner is known: the host alone. */
export function site(link: string): string {
  try {
    return new URL(link).host;
  } catch {
    return link;
  }
}

/** A count for a badge. */
export function badge(count: number): string {
  return count > 99 ? words().frame.many : String(count);
}
