//! `account route`: how an account's connection is made, shown and changed.

use std::collections::BTreeMap;

use tidings_control::{Client, Failure, FailureCode, Reply, Request, Route};

use super::{args, print::Printer, which};

/// Shows the route, or changes what was said of it.
pub(super) async fn run(client: &Client, asked: args::Route, printer: Printer) -> Result<(), Failure> {
    let args::Route { account, dialect, paths, ca_file, client_cert, client_key } = asked;
    let snapshot = super::snapshot(client).await?;
    let account = which::one(&snapshot.accounts, Some(&account))?.id.clone();
    let known = match client.call(Request::Route { account: account.clone() }).await? {
        Reply::Route(route) => route,
        other => return Err(super::unexpected(&other)),
    };
    let said = |file| Ok::<_, Failure>(super::full(file)?.map(|path| (!path.is_empty()).then_some(path)));
    let route = Route {
        dialect: dialect.map(Into::into).or(known.dialect),
        paths: read(&paths)?.unwrap_or_else(|| known.paths.clone()),
        ca_file: said(ca_file)?.unwrap_or_else(|| known.ca_file.clone()),
        client_certificate: said(client_cert)?.unwrap_or_else(|| known.client_certificate.clone()),
        client_key: said(client_key)?.unwrap_or_else(|| known.client_key.clone()),
    };
    if route == known {
        return printer.route(&known);
    }
    client.call(Request::SetRoute { account, route }).await?;
    printer.done("it connects anew")
}

/// `NAME=PATH`s; nothing if nothing was said, and none if that was said.
pub(super) fn read(typed: &[String]) -> Result<Option<BTreeMap<String, String>>, Failure> {
    if typed.is_empty() {
        return Ok(None);
    }
    let pairs = typed.iter().filter(|typed| !typed.is_empty()).map(|typed| {
        let no_pair = || Failure::new(FailureCode::BadRequest, format!("{typed:?} is not NAME=PATH"));
        typed.split_once('=').map(|(name, path)| (name.to_owned(), path.to_owned())).ok_or_else(no_pair)
    });
    pairs.collect::<Result<_, _>>().map(Some)
}

impl Printer {
    fn route(self, route: &Route) -> Result<(), Failure> {
        if self.json {
            return self.line(route);
        }
        let Route { dialect, paths, ca_file, client_certificate, client_key } = route;
        self.text(&format!("dialect             {}", dialect.map_or("", super::dialect)))?;
        for (name, path) in paths {
            self.text(&format!("path                {name}={path}"))?;
        }
        let files =
            [("CA file", ca_file), ("client certificate", client_certificate), ("client key", client_key)];
        for (name, file) in files {
            if let Some(file) = file {
                self.text(&format!("{name:<18}  {file}"))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_pairs_and_none_is_an_empty_word() {
        let read = |typed: &[&str]| read(&typed.iter().map(|&typed| typed.to_owned()).collect::<Vec<_>>());
        let pairs = read(&["login=/in", "socket_ticket=/ws?v=2"]).unwrap().unwrap();
        assert_eq!(pairs["socket_ticket"], "/ws?v=2");
        assert_eq!(read(&[]), Ok(None));
        assert_eq!(read(&[""]), Ok(Some(BTreeMap::new())));
        assert_eq!(read(&["login"]).unwrap_err().code, FailureCode::BadRequest);
    }
}
