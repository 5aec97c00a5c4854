/**
 * The words for everything that goes wrong: failed requests, causes of a broken connection, standing notices.
 * A sentence says what happened, what Tidings does about it and what the person can do. Detail is one click away.
 */
import type { Cause } from './bindings/Cause';
import type { Failure } from './bindings/Failure';
import type { FailureCode } from './bindings/FailureCode';
import type { NoticeCode } from './bindings/NoticeCode';

/** A field of the sign-in form. */
export type Field = 'server' | 'username' | 'password' | 'ca_file' | 'client_certificate' | 'client_key';

/** What is offered beside a sentence. */
export type Action = 'try_now' | 'try_again' | 'connect' | 'sign_in' | 'edit' | 'details' | 'stay' | 'start';

export interface Words {
  sentence: string;
  /** The field that it is about; the form itself if absent. */
  field?: Field;
  action?: Action;
}

export const actionLabels: Record<Action, string> = {
  try_now: 'Try now',
  try_again: 'Try again',
  connect: 'Connect',
  sign_in: 'Sign in',
  edit: 'Edit',
  details: 'Details',
  stay: 'Stay for now',
  start: 'Start Tidings',
};

const failures: Record<FailureCode, Words> = {
  BAD_SERVER_URL: { sentence: 'This is not an address. Try one like alerts.example.com.', field: 'server' },
  UNENCRYPTED_REFUSED: {
    sentence: 'This address is not encrypted. Use https, or allow it under Options.',
    field: 'server',
  },
  SERVER_UNREACHABLE: { sentence: 'Can’t reach this server. Check the address and your network.', field: 'server' },
  NOT_A_TIDINGS_SERVER: { sentence: 'This doesn’t look like a Tidings server. Check the address.', field: 'server' },
  CERTIFICATE_NOT_TRUSTED: {
    sentence: 'The server’s certificate isn’t trusted. Nothing was sent.',
    field: 'server',
  },
  CLIENT_CERTIFICATE_NEEDED: {
    sentence: 'The server asks for a valid client certificate.',
    field: 'client_certificate',
  },
  CA_FILE_UNUSABLE: { sentence: 'This file can’t be used as a CA file.', field: 'ca_file' },
  CLIENT_CERTIFICATE_UNUSABLE: {
    sentence: 'This file can’t be used as a client certificate.',
    field: 'client_certificate',
  },
  CLIENT_KEY_UNUSABLE: { sentence: 'This file can’t be used as a client key.', field: 'client_key' },
  PROXY_REFUSED: {
    sentence: 'The proxy on the way asks for a password. Ask whoever runs your network.',
    field: 'server',
  },
  INVALID_CREDENTIALS: { sentence: 'User or password is wrong.', field: 'password' },
  RATE_LIMITED: { sentence: 'Too many tries. Wait a minute, then try again.' },
  SERVER_BUSY: { sentence: 'The server is busy. Try again in a moment.' },
  FORBIDDEN: { sentence: 'The server refuses this app or this user. Ask whoever runs it.' },
  FLOW_NOT_OFFERED: { sentence: 'The server doesn’t offer this way to connect. Choose another under Options.' },
  KEYCHAIN_LOCKED: { sentence: 'Your keychain is locked. Unlock it, then try again.', action: 'try_again' },
  KEYCHAIN_UNAVAILABLE: { sentence: 'The keychain can’t keep your sign-in.', action: 'try_again' },
  ALREADY_SIGNED_IN: { sentence: 'You are signed in there already.', field: 'username' },
  UNKNOWN_ACCOUNT: { sentence: 'This account is signed out already.' },
  UNKNOWN_NOTIFICATION: { sentence: 'This notification is no longer there.' },
  LINK_REFUSED: { sentence: 'Tidings opens web links only.' },
  PICTURE_UNAVAILABLE: { sentence: 'This picture can’t be fetched.' },
  ACTION_FAILED: { sentence: 'The address behind this button didn’t take it.' },
  SETTING_LOCKED: { sentence: 'Your administrator has decided this.' },
  EXPORT_FAILED: { sentence: 'The file can’t be written there.' },
  STORAGE_FULL: { sentence: 'The disk is full. Free some space, then try again.' },
  STORAGE_READ_ONLY: { sentence: 'Tidings can’t write to its folder. Check its permissions.' },
  STORAGE_FAILED: { sentence: 'The inbox can’t be read or written.', action: 'try_again' },
  AUTOSTART_UNAVAILABLE: { sentence: 'Starting with your session can’t be switched here.' },
  WINDOW_UNAVAILABLE: { sentence: 'The window can’t be opened.' },
  BAD_REQUEST: { sentence: 'Something went wrong inside Tidings.' },
  AGENT_UNREACHABLE: {
    sentence: 'Tidings isn’t running. What arrives meanwhile waits on the server.',
    action: 'start',
  },
  VERSION_MISMATCH: {
    sentence: 'Two versions of Tidings are running. Quit it, then start it again.',
    action: 'try_again',
  },
  TIMED_OUT: { sentence: 'There was no answer in time.', action: 'try_again' },
  INTERNAL: { sentence: 'Something went wrong inside Tidings.' },
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
export function wordsFor(failure: Failure): Words {
  const words = failures[failure.code] ?? failures.INTERNAL;
  if (!outspoken.has(failure.code) || !failure.message) return words;
  const { message } = failure;
  return { ...words, sentence: `${message.charAt(0).toUpperCase()}${message.slice(1)}.` };
}

/** The words for a connection that is not live. `wait` is what is said of the next attempt, if one is due. */
export function causeWords(cause: Cause, host: string, wait: string): Words {
  const then = wait ? ` ${wait}` : '';
  switch (cause.kind) {
    case 'offline':
      return { sentence: 'You’re offline. Tidings reconnects when the network is back.' };
    case 'unreachable':
      return { sentence: `Can’t reach ${host}.${then}`, action: 'try_now' };
    case 'server_busy':
      return { sentence: `The server is busy.${then}`, action: 'try_now' };
    case 'restarting':
      return { sentence: `The server is restarting.${then}`, action: 'try_now' };
    case 'sign_in_needed':
      return { sentence: 'Your sign-in has ended. Sign in again to keep receiving.', action: 'sign_in' };
    case 'blocked': {
      const why = cause.detail.includes('ORIGIN_BLOCKED') ? ' (origin not allowed)' : '';
      return { sentence: `The server refuses this app${why}. Ask whoever runs it.`, action: 'try_again' };
    }
    case 'not_such_server':
      return { sentence: 'This doesn’t look like a Tidings server. Check the address.', action: 'edit' };
    case 'certificate': {
      const why = cause.detail ? `: ${cause.detail}` : '';
      return { sentence: `The server’s certificate isn’t trusted${why}. Nothing was sent.`, action: 'details' };
    }
    case 'client_certificate':
      return { sentence: 'The server asks for a valid client certificate. Sign in again with one.', action: 'sign_in' };
    case 'certificate_file':
      return {
        sentence: 'A certificate file can’t be used. Mend it, or sign in again with another.',
        action: 'try_again',
      };
    case 'proxy':
      return {
        sentence: 'The proxy on the way asks for a password. Ask whoever runs your network.',
        action: 'try_again',
      };
    case 'keychain_locked':
      return { sentence: 'Your keychain is locked. Unlock it to connect.', action: 'try_again' };
    case 'gave_up':
      return { sentence: `Can’t reach ${host}. Tidings has stopped trying.`, action: 'try_now' };
    case 'stopped':
      return { sentence: `Disconnected from ${host}.`, action: 'connect' };
  }
}

const notices: Record<NoticeCode, Words> = {
  no_desktop: { sentence: 'There is no desktop session. Notifications are kept, but can’t pop up.' },
  no_tray: { sentence: 'This desktop shows no tray icons. Open Tidings from your applications.' },
  no_notifications: { sentence: 'Nothing here shows pop-ups. New notifications appear in this list only.' },
  no_keychain: { sentence: 'There is no keychain here. You stay signed in until Tidings ends.' },
  keychain_locked: {
    sentence: 'Your keychain is locked. Unlock it to stay signed in after a restart.',
    action: 'try_again',
  },
  storage_full: { sentence: 'The disk is full. Notifications wait on the server until there is space.' },
  storage_read_only: { sentence: 'Tidings can’t write to its folder. Notifications wait on the server.' },
  inbox_replaced: { sentence: 'The inbox could not be read. A new one was started; the old file is kept.' },
  inbox_too_new: { sentence: 'The inbox belongs to a newer Tidings and was left alone. Update Tidings to use it.' },
  gap: { sentence: 'Some notifications are no longer on the server.' },
};

/** The words for a standing notice. */
export function noticeWords(code: NoticeCode): Words {
  return notices[code];
}
