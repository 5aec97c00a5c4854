//! How an account comes in: from what a person has typed to a stored session and a connection.
//!
//! Owns that each account is there once, however it is named and however often it is asked for, and that a session which
//! turns out to be superfluous is ended again. The steps with the server are in `sign_in`.

use tidings_control::{CauseKind, Failure, FailureCode, Persistence, Reply, SignIn};
use tidings_engine::{Cursor, Endpoint, Store as _, StoredSession, TlsFiles};
use tidings_inbox::AccountRow;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{Agent, Asker, Job};
use crate::{
    accounts::{Account, Identity},
    convert,
    kinds::Kind,
    sign_in::{self, Attempt, Claim, Claimant, SignedIn},
};

impl Agent {
    /// Begins to sign in; the answer follows when it is done.
    pub(super) fn sign_in(&mut self, asker: Asker, asked: &SignIn) {
        let attempt = match Attempt::new(asked) {
            Ok(attempt) => attempt,
            Err(failure) => return self.answer(asker, Err(failure)),
        };
        self.attempt(asker, attempt);
    }

    /// Tries to sign in; the answer follows when it is done.
    pub(super) fn attempt(&mut self, asker: Asker, attempt: Attempt) {
        let who = attempt.claim();
        if let Err(failure) = self.allows_server(&who.server) {
            return self.answer(asker, Err(failure));
        }
        let known = self.accounts.of(&who);
        let known = known.filter(|known| attempt.kind().is_none_or(|kind| kind == known.kind()));
        let attempt = match known.map(|known| &known.row) {
            Some(row) => attempt.keeping(convert::tls_files(row), convert::paths(row), convert::topics(row)),
            None => attempt,
        };
        let signed_in = known.is_some_and(|known| known.is_signed_in_with(attempt.files(), attempt.paths()));
        // whose a token is, nobody knows yet
        let is_known = who.claimant != Claimant::Bearer;
        if signed_in || (is_known && !self.signing_in.insert(who.clone())) {
            let username = match &who.claimant {
                Claimant::User(username) => username,
                Claimant::Bearer | Claimant::Nobody => "",
            };
            return self.answer(asker, Err(already(username, &who.server)));
        }
        let (transport, jobs) = (self.transport.clone(), self.jobs.0.clone());
        tokio::spawn(async move {
            let result = attempt.run(&transport).await;
            let _ = jobs.send(Job::SignedIn { asker, who, result: Box::new(result) });
        });
    }

    /// Begins to ask who answers at an address; the answer follows when it is done.
    pub(super) fn probe(&self, asker: Asker, asked: &SignIn) {
        let attempt = Attempt::new(asked).and_then(|attempt| {
            let server = attempt.claim().server;
            self.allows_server(&server)?;
            // whoever signs in again says nothing of the way there, which is known
            let waits = self.accounts.at(&server).find(|account| !account.is_signed_in());
            Ok(match waits.or_else(|| self.accounts.at(&server).next()).map(|known| &known.row) {
                Some(row) => attempt.keeping(convert::tls_files(row), convert::paths(row), Vec::new()),
                None => attempt,
            })
        });
        let (transport, jobs) = (self.transport.clone(), self.jobs.0.clone());
        tokio::spawn(async move {
            let answer = match attempt {
                Ok(attempt) => attempt.probe(&transport).await.map(Reply::Probed),
                Err(failure) => Err(failure),
            };
            let _ = jobs.send(Job::Answered { asker, answer: Box::new(answer) });
        });
    }

    /// The server has let the person in: the account is stored, then its session.
    pub(super) fn on_signed_in(&mut self, asker: Asker, who: Claim, signed_in: SignedIn) {
        self.signing_in.remove(&who);
        let user = signed_in.session.as_ref().and_then(|session| session.user.as_ref());
        // as the server spells it; a display name that is another word is not what to sign in with
        let username = user
            .map(|user| user.name.clone())
            .filter(|name| name.to_lowercase() == signed_in.username.to_lowercase())
            .unwrap_or_else(|| signed_in.username.clone());
        let user = user.map(|user| user.id.clone());
        let kind = Kind::of(signed_in.endpoint.dialect);
        let anonymous = signed_in.session.is_none();
        let known = self.accounts.same(&Identity {
            server: &who.server,
            kind,
            user: user.as_deref(),
            username: &username,
            nobody: anonymous || (username.is_empty() && kind == Kind::Tidings),
        });
        // the session that is being erased from the keychain must not be this one
        if let Some(waiting) = known.and_then(|known| self.parting.get_mut(&known.row.id)) {
            return waiting.push((asker, who, signed_in));
        }
        let SignedIn { endpoint, session, baseline, files, .. } = signed_in;
        let server = who.server;
        let (signed_in, known) = (
            known.is_some_and(|known| known.is_signed_in_with(&files, &endpoint.paths)),
            known.map(|known| known.row.clone()),
        );
        let who = (server, user.clone().unwrap_or_else(|| username.clone()));
        if signed_in || self.keeping.contains_key(&who) {
            self.end_superfluous(files, endpoint, session);
            return self.answer(asker, Err(already(&username, &who.0)));
        }
        let row = AccountRow {
            id: known.as_ref().map_or_else(|| Uuid::new_v4().to_string(), |row| row.id.clone()),
            server: endpoint.server.to_string(),
            username,
            dialect: endpoint.dialect.name().to_owned(),
            topics: convert::stored_topics(&endpoint.topics),
            anonymous,
            paused: false,
            deletes_on_server: known.as_ref().is_some_and(|row| row.deletes_on_server),
            allow_unencrypted: endpoint.allow_unencrypted,
            paths: convert::stored_paths(&endpoint.paths),
            ca_file: convert::stored_path(files.ca),
            client_certificate: convert::stored_path(files.certificate),
            client_key: convert::stored_path(files.key),
            created_at: known.as_ref().map_or_else(OffsetDateTime::now_utc, |row| row.created_at),
            signed_out: false,
            look: known.map_or_else(|| self.first_look(), |row| row.look),
        };
        // with its place in the log from the start: whatever happens before the first connection, nothing is missed
        let stored = self.inbox.put_account(&row).and_then(|()| match &baseline {
            Some(Cursor { epoch, seq }) => self.inbox.set_cursor_if_absent(&row.id, epoch, *seq).map(drop),
            None => Ok(()),
        });
        if let Err(error) = stored {
            self.end_superfluous(convert::tls_files(&row), endpoint, session);
            return self.answer(asker, Err(convert::inbox_failure(&error)));
        }
        self.keeping.insert(who.clone(), row.id.clone());
        let mut account = Account::new(row.clone(), self.store_of(&row));
        if let Some(user) = &user {
            self.settings.set_user(&row.id, user);
        }
        account.user = user;
        let transport = self.transport.with(convert::tls_files(&row));
        let (old, before) = match self.accounts.find_mut(&row.id) {
            Some(known) => {
                // whoever has dismissed the prompt is not asked twice
                let locked = known.cause() == Some(CauseKind::KeychainLocked);
                known.row = row;
                (known.take_connection(), Some(known.store.clone()).filter(|_| !locked))
            }
            None => (None, None),
        };
        let jobs = self.jobs.0.clone();
        tokio::spawn(async move {
            // it might still clear the session that it knows, and would clear the new one
            if let Some(old) = old {
                old.shutdown().await;
            }
            let mut replaced = None;
            if let Some(session) = session {
                if let Some(before) = before {
                    replaced = before.load().await.ok().flatten();
                }
                replaced = replaced.filter(|replaced| replaced.access_token != session.access_token);
                account.persistence = account.store.keep(&session).await;
            }
            let _ = jobs.send(Job::Kept { asker, who, account: Box::new(account) });
            // nobody would know of it any more
            if let Some(replaced) = replaced {
                sign_in::end(&transport, &endpoint, &replaced).await;
            }
        });
    }

    /// Ends a session that nobody will use.
    fn end_superfluous(&self, files: TlsFiles, endpoint: Endpoint, session: Option<StoredSession>) {
        let Some(session) = session else { return };
        let transport = self.transport.with(files);
        tokio::spawn(async move {
            if let Err(error) = tidings_engine::sign_out(&transport, &endpoint, &session).await {
                tracing::debug!(%error, "the server did not end a session that is not needed");
            }
        });
    }

    pub(super) fn on_kept(&mut self, asker: Asker, mut account: Account) {
        let id = account.row.id.clone();
        tracing::info!(account = id, server = account.row.server, persistence = ?account.persistence, "signed in");
        self.withdraw_sign_in_toast(&id);
        if let Some(known) = self.accounts.find_mut(&id) {
            // it may have been given another name meanwhile
            account.row = known.row.clone();
            if let Some(connection) = known.take_connection() {
                tokio::spawn(connection.shutdown());
            }
        }
        self.settings.set_sign_in_told(&id, false);
        if account.persistence == Persistence::Keychain {
            self.notices.forget(&id);
        }
        let shown = account.shown(self.inbox.unread_of(&id).unwrap_or_default());
        self.start(account);
        self.answer(asker, Ok(Reply::Account(shown)));
    }
}

fn already(username: &str, server: &str) -> Failure {
    let message = match username {
        "" => format!("there is an account without a name at {server} already"),
        username => format!("{username} is signed in to {server} already"),
    };
    Failure::new(FailureCode::AlreadySignedIn, message)
}
