/** What a connection knows of itself, in words. */
import type { Account } from '../bindings/Account';
import type { CauseKind } from '../bindings/CauseKind';
import type { Diagnosis } from '../bindings/Diagnosis';
import type { Status } from '../bindings/Status';
import type { Stretch } from '../state/timeline';
import { words } from './index.svelte';
import { called } from './names';
import { date, duration, moment, second, seconds } from './time';

type Fact = [name: string, value: string];
type Facts = [name: string, value: string | false][];

/** A duration as people tell it: tenths where they matter. */
export const milliseconds = (ms: number) => words().dates.milliseconds(ms < 10 ? ms : Math.round(ms));

/** Names and values, without those that there is nothing to say of. `known` is absent where it cannot be asked. */
export function factsOf(account: Account, known: Diagnosis | undefined): Fact[] {
  const said = words().connection;
  const facts: Facts = [
    [said.user, called(account)],
    [said.signsInBy, said.dialects[account.dialect]],
    [words().accounts.topics, account.topics.length > 0 && account.topics.join(', ')],
    [said.signInKept, account.signed_in && (account.persistence === 'keychain' ? said.inKeychain : said.thisRun)],
    ...(known ? [...linkFacts(known), ...troubleFacts(known)] : []),
  ];
  return facts.filter((fact): fact is Fact => fact[1] !== false);
}

function linkFacts({ link }: Diagnosis): Facts {
  if (!link) return [];
  const said = words().connection;
  const { tls } = link;
  const encryption: Facts = tls
    ? [
        [said.encryption, tls.version],
        [said.subject, tls.subject || false],
        [said.issuer, tls.issuer || false],
        [said.notAfter, tls.not_after !== null && date(tls.not_after)],
        [said.fingerprint, inPairs(tls.fingerprint)],
      ]
    : [[said.encryption, said.unencrypted]];
  return [
    [said.socket, link.url],
    [said.peer, link.peer ?? false],
    [said.keepalive, seconds(link.keepalive_s)],
    [said.epoch, link.epoch ?? false],
    [said.seq, link.seq !== null && String(link.seq)],
    ...encryption,
  ];
}

function troubleFacts({ unreadable, reported }: Diagnosis): Facts {
  const said = words().connection;
  return [
    [said.skipped, unreadable > 0 && said.unreadable(unreadable)],
    [said.reported, reported !== null && said.reportedAt(reported.message || reported.code, second(reported.at))],
  ];
}

/** As fingerprints are compared: pair by pair. */
const inPairs = (hexadecimal: string) => hexadecimal.replaceAll(':', '').toUpperCase().match(/.{1,2}/g)?.join(' ') ?? '';

/** Why it was not connected, in a few words. */
const brief = (cause: CauseKind) => words().reasonsInBrief[cause];

/** One change of state: what it became, why, and the detail behind that. */
export function changeWords({ state, attempt, cause }: Status): string {
  const said = words().connection;
  const parts = [said.states[state], attempt > 0 && said.attempt(attempt), cause && brief(cause.kind)];
  return parts.filter(Boolean).join(' · ');
}

/** What a stretch of time was, and why. */
export function stretchWords({ kind, cause }: Stretch): string {
  return cause && kind !== 'connected' ? brief(cause) : words().connection.kinds[kind];
}

/** When an interruption was, and for how long. */
export function spanWords({ from, to }: Stretch, now: number): string {
  const said = words().connection;
  const end = to >= now - 1000 ? said.dayNow : moment(new Date(to).toISOString(), now);
  return said.interruption(moment(new Date(from).toISOString(), now), end, duration(to - from));
}
