/**
 * What goes wrong, for people: failed requests, causes of a broken connection, standing notices. It knows where each
 * belongs and what can be done about it; the sentences are the language's.
 */
import type { Cause } from './bindings/Cause';
import type { Failure } from './bindings/Failure';
import type { FailureCode } from './bindings/FailureCode';
import type { NoticeCode } from './bindings/NoticeCode';
import { words, type Words } from './words/index.svelte';

/** A field of the sign-in form. */
export type Field =
  | 'server'
  | 'username'
  | 'password'
  | 'token'
  | 'topics'
  | 'ca_file'
  | 'client_certificate'
  | 'client_key';

/** What is offered beside a sentence. */
export type Action = keyof Words['actions'];

export interface Message {
  sentence: string;
  /** The field that it is about; the form itself if absent. */
  field?: Field;
  action?: Action;
}

const places: Partial<Record<FailureCode, Omit<Message, 'sentence'>>> = {
  BAD_SERVER_URL: { field: 'server' },
  UNENCRYPTED_REFUSED: { field: 'server' },
  SERVER_UNREACHABLE: { field: 'server' },
  NOT_A_TIDINGS_SERVER: { field: 'server' },
  OTHER_KIND_OF_SERVER: { field: 'server' },
  CERTIFICATE_NOT_TRUSTED: { field: 'server' },
  CLIENT_CERTIFICATE_NEEDED: { field: 'client_certificate' },
  CA_FILE_UNUSABLE: { field: 'ca_file' },
  CLIENT_CERTIFICATE_UNUSABLE: { field: 'client_certificate' },
  CLIENT_KEY_UNUSABLE: { field: 'client_key' },
  PROXY_REFUSED: { field: 'server' },
  INVALID_CREDENTIALS: { field: 'password' },
  TOKEN_REFUSED: { field: 'token' },
  TOPICS_NEEDED: { field: 'topics' },
  KEYCHAIN_LOCKED: { action: 'try_again' },
  KEYCHAIN_UNAVAILABLE: { action: 'try_again' },
  ALREADY_SIGNED_IN: { field: 'username' },
  STORAGE_FAILED: { action: 'try_again' },
  AGENT_UNREACHABLE: { action: 'start' },
  VERSION_MISMATCH: { action: 'try_again' },
  TIMED_OUT: { action: 'try_again' },
};

/** Failures whose own words say best what is wrong: which file, which certificate. They hold nothing of a server's. */
const outspoken: ReadonlySet<FailureCode> = new Set<FailureCode>([
  'CERTIFICATE_NOT_TRUSTED',
  'CLIENT_CERTIFICATE_NEEDED',
  'CA_FILE_UNUSABLE',
  'CLIENT_CERTIFICATE_UNUSABLE',
  'CLIENT_KEY_UNUSABLE',
]);

/** The words for a request that was not done. */
export function wordsFor(failure: Failure): Message {
  const sentences = words().failures;
  const message: Message = { ...places[failure.code], sentence: sentences[failure.code] ?? sentences.INTERNAL };
  const detail = failure.message;
  // the agent's own words are English
  if (!outspoken.has(failure.code) || !detail || words().language !== 'en') return message;
  return { ...message, sentence: `${detail.charAt(0).toUpperCase()}${detail.slice(1)}.` };
}

/** The words for topics that were not taken: those that the failure names one of, else those of any request. */
export function topicWords(failure: Failure, topics: string[]): Message {
  const named = topics.filter((topic) => failure.message.includes(JSON.stringify(topic)));
  const [topic] = named.sort((a, b) => b.length - a.length);
  const said = words().entry;
  if (topic !== undefined && failure.code === 'FORBIDDEN') return { field: 'topics', sentence: said.topicForbidden(topic) };
  if (topic !== undefined && failure.code === 'BAD_REQUEST') return { field: 'topics', sentence: said.topicRefused(topic) };
  return wordsFor(failure);
}

/** The words for a field that still has to be filled in. */
export function missingWords(field: Field): Message {
  const { signIn, entry, failures } = words();
  const sentences: Partial<Record<Field, string>> = {
    server: signIn.serverMissing,
    topics: failures.TOPICS_NEEDED,
    username: signIn.userMissing,
    password: signIn.passwordMissing,
    token: entry.tokenMissing,
  };
  return { field, sentence: sentences[field] ?? '' };
}

/** The words for a connection that is not live. `wait` is what is said of the next attempt, if one is due. */
export function causeWords(cause: Cause, host: string, wait: string): Message {
  const said = words().causes;
  const then = wait ? ` ${wait}` : '';
  switch (cause.kind) {
    case 'offline':
      return { sentence: said.offline };
    case 'unreachable':
      return { sentence: said.unreachable(host) + then, action: 'try_now' };
    case 'server_busy':
      return { sentence: said.server_busy + then, action: 'try_now' };
    case 'restarting':
      return { sentence: said.restarting + then, action: 'try_now' };
    case 'sign_in_needed':
      return { sentence: said.sign_in_needed, action: 'sign_in' };
    case 'blocked': {
      const origin = cause.detail.includes('ORIGIN_BLOCKED');
      return { sentence: origin ? said.blockedOrigin : said.blocked, action: 'try_again' };
    }
    case 'not_such_server':
      return { sentence: said.not_such_server, action: 'edit' };
    case 'certificate':
      return { sentence: said.certificate(cause.detail), action: 'details' };
    case 'client_certificate':
      return { sentence: said.client_certificate, action: 'sign_in' };
    case 'certificate_file':
      return { sentence: said.certificate_file, action: 'try_again' };
    case 'proxy':
      return { sentence: said.proxy, action: 'try_again' };
    case 'keychain_locked':
      return { sentence: said.keychain_locked, action: 'try_again' };
    case 'gave_up':
      return { sentence: said.gave_up(host), action: 'try_now' };
    case 'stopped':
      return { sentence: said.stopped(host), action: 'connect' };
  }
}

/** The words for a standing notice. */
export function noticeWords(code: NoticeCode): Message {
  const sentence = words().notices[code];
  return code === 'keychain_locked' ? { sentence, action: 'try_again' } : { sentence };
}
