//! How connections are made: an account's dialect, paths and certificate files, and the proxy of all.
//!
//! Owns what a change of these leads to: what makes no sense is refused before anything is changed, and what holds from
//! then on is what the next connection is made by, which follows at once.

use tidings_control::{Failure, FailureCode, Reply, Route};
use tidings_engine::{Dialect, Paths, SignInError, TlsFiles};

use super::{Agent, Asker, Job};
use crate::{accounts::Account, convert, kinds::Kind, sign_in};

/// A route that a person has chosen.
pub(super) struct NewRoute {
    dialect: Option<Dialect>,
    paths: Paths,
    files: TlsFiles,
}

fn unknown(id: &str) -> Failure {
    Failure::new(FailureCode::UnknownAccount, format!("there is no account {id:?}"))
}

impl Agent {
    pub(super) fn route(&self, id: &str) -> Result<Reply, Failure> {
        let row = &self.accounts.find(id).ok_or_else(|| unknown(id))?.row;
        Ok(Reply::Route(Route {
            dialect: Some(convert::dialect(convert::stored_dialect(row))),
            paths: convert::paths(row).overrides(),
            ca_file: row.ca_file.clone(),
            client_certificate: row.client_certificate.clone(),
            client_key: row.client_key.clone(),
        }))
    }

    /// Begins to change an account's route; the answer follows once the new connection is under way.
    pub(super) fn set_route(&self, asker: Asker, id: &str, route: Route) {
        let Route { dialect, paths, ca_file, client_certificate, client_key } = route;
        let files = TlsFiles {
            ca: sign_in::path(&ca_file),
            certificate: sign_in::path(&client_certificate),
            key: sign_in::path(&client_key),
        };
        let dialect = dialect.map(convert::engine_dialect);
        let paths = Paths::with(&paths).map_err(|error| convert::path_failure(&error));
        let (account, jobs) = (id.to_owned(), self.jobs.0.clone());
        tokio::spawn(async move {
            let route = match paths {
                Ok(paths) => match files.check().await {
                    Ok(()) => Ok(NewRoute { dialect, paths, files }),
                    Err(error) => Err(convert::sign_in_failure(&SignInError::TlsFile(error))),
                },
                Err(failure) => Err(failure),
            };
            let _ = jobs.send(Job::Checked { asker, account, route: Box::new(route) });
        });
    }

    pub(super) fn on_checked(&mut self, asker: Asker, id: &str, route: Result<NewRoute, Failure>) {
        match route.and_then(|route| self.take_route(id, route)) {
            Ok(Some(old)) => self.after_closing(asker, id, old),
            Ok(None) => {
                let idle = |account: &&Account| !account.row.signed_out && account.connection().is_none();
                if self.accounts.find(id).filter(idle).is_some() {
                    self.reopen(id);
                }
                self.answer(asker, Ok(Reply::Done));
            }
            Err(failure) => self.answer(asker, Err(failure)),
        }
    }

    /// Opens another connection once this one is closed; the answer follows then.
    pub(super) fn after_closing(&mut self, asker: Asker, id: &str, old: tidings_engine::Connection) {
        // the old one may be renewing the session, which the new one then finds
        self.parting.insert(id.to_owned(), Vec::new());
        let (account, jobs) = (id.to_owned(), self.jobs.0.clone());
        tokio::spawn(async move {
            old.shutdown().await;
            let _ = jobs.send(Job::Rerouted { asker, account });
        });
    }

    /// The connection by the old route, if there is one.
    fn take_route(
        &mut self,
        id: &str,
        route: NewRoute,
    ) -> Result<Option<tidings_engine::Connection>, Failure> {
        if self.is_in_between(id) {
            let message = "the account is being signed in or out; try again";
            return Err(Failure::new(FailureCode::BadRequest, message));
        }
        let account = self.accounts.find_mut(id).ok_or_else(|| unknown(id))?;
        let NewRoute { dialect, paths, files } = route;
        let mut row = account.row.clone();
        if let Some(dialect) = dialect {
            if Kind::of(dialect) != account.kind() {
                let message = format!(
                    "this is {} server; sign in to another kind as another account",
                    account.kind().name()
                );
                return Err(Failure::new(FailureCode::OtherKindOfServer, message));
            }
            row.dialect = dialect.name().to_owned();
        }
        row.paths = convert::stored_paths(&paths);
        row.ca_file = convert::stored_path(files.ca);
        row.client_certificate = convert::stored_path(files.certificate);
        row.client_key = convert::stored_path(files.key);
        if row == account.row {
            return Ok(None);
        }
        self.inbox.put_account(&row).map_err(|error| convert::inbox_failure(&error))?;
        account.row = row;
        self.changed = true;
        Ok(account.take_connection())
    }

    pub(super) fn on_rerouted(&mut self, asker: Asker, id: &str) {
        self.reopen(id);
        self.answer(asker, Ok(Reply::Done));
        self.closed(id);
    }

    /// The proxy of all connections was chosen: they are made anew by it.
    pub(super) fn take_proxy(&self) {
        self.transport.choose_proxy(convert::proxy(&self.settings.held().proxy));
        for connection in self.accounts.iter().filter_map(Account::connection) {
            connection.reconnect();
        }
    }
}
