//! `tidings-server publish`: a client of the HTTP interface, as any script could be.

use std::{path::PathBuf, time::Duration};

use clap::Args;
use reqwest::Certificate;
use tidings_protocol::{ErrorBody, Priority, PublishReceipt, PublishRequest, Secret, To};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use url::Url;

use super::{Outcome, print};

/// Publish a notification through a running server and print its id.
#[derive(Args)]
pub(super) struct Publish {
    /// The server's address.
    #[arg(long, env = "TIDINGS_SERVER_URL", default_value = "http://127.0.0.1:8740", value_name = "URL")]
    server: Url,
    /// A publisher's key. Others on this machine can see arguments: prefer the environment or --key-file.
    #[arg(long, env = "TIDINGS_SERVER_KEY", hide_env_values = true, value_parser = secret, value_name = "KEY")]
    key: Option<Secret>,
    /// A file with the key in it.
    #[arg(long, conflicts_with = "key", value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Trust this certificate (PEM) too.
    #[arg(long, visible_alias = "ca-file", value_name = "FILE")]
    ca_cert: Option<PathBuf>,
    /// For a person.
    #[arg(long, required_unless_present = "topic", conflicts_with = "topic", value_name = "USER")]
    to: Option<String>,
    /// For everybody who is subscribed.
    #[arg(long)]
    topic: Option<String>,
    /// First line.
    #[arg(long)]
    title: String,
    /// The rest.
    #[arg(long, default_value = "")]
    body: String,
    /// 1 (min) to 5 (urgent).
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=5))]
    priority: u8,
    /// A label; repeat for more.
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
    /// What a click opens.
    #[arg(long, value_name = "URL")]
    click_url: Option<String>,
    /// A picture.
    #[arg(long, value_name = "URL")]
    icon_url: Option<String>,
    /// Id of an earlier one whose place this takes.
    #[arg(long, value_name = "ID")]
    replaces: Option<String>,
    /// When it stops to matter, as 2026-01-31T12:00:00Z.
    #[arg(long, value_parser = moment, value_name = "TIME")]
    expires_at: Option<OffsetDateTime>,
}

fn secret(text: &str) -> Result<Secret, std::convert::Infallible> {
    Ok(Secret::from(text))
}

fn moment(text: &str) -> Result<OffsetDateTime, time::error::Parse> {
    OffsetDateTime::parse(text, &Rfc3339)
}

impl Publish {
    pub(super) async fn run(mut self) -> Outcome {
        let key = match (self.key.take(), &self.key_file) {
            (Some(key), _) => key,
            (None, Some(path)) => {
                let text = std::fs::read_to_string(path)
                    .map_err(|error| format!("cannot read the key from {}: {error}", path.display()))?;
                Secret::from(text.trim())
            }
            (None, None) => {
                return Err("a key is needed: --key-file FILE or TIDINGS_SERVER_KEY \
                            (`tidings-server key create NAME` makes one)"
                    .into());
            }
        };
        // the first one to install it wins, and they are the same
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut client = reqwest::Client::builder().timeout(Duration::from_secs(30));
        if let Some(path) = &self.ca_cert {
            let pem =
                std::fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
            client = client.tls_certs_merge([Certificate::from_pem(&pem)?]);
        }
        let url = format!("{}/api/notifications", self.server.as_str().trim_end_matches('/'));
        let response = client
            .build()?
            .post(&url)
            .bearer_auth(key.expose())
            .json(&self.request())
            .send()
            .await
            .map_err(|error| format!("cannot reach {url}: {}", root(&error)))?;
        let status = response.status();
        let body = response.bytes().await?;
        if !status.is_success() {
            return Err(match ErrorBody::parse(&body) {
                Some(ErrorBody { error }) => format!("{} ({status}, {})", error.message, error.code).into(),
                None => format!("{url} answered {status}; is this a Tidings server?").into(),
            });
        }
        let receipt: PublishReceipt = serde_json::from_slice(&body)?;
        print(&receipt.id)?;
        Ok(())
    }

    fn request(self) -> PublishRequest {
        let to = match (self.to, self.topic) {
            (_, Some(topic)) => To::Topic(topic),
            (user, None) => To::User(user.unwrap_or_default()),
        };
        PublishRequest {
            to,
            title: self.title,
            body: self.body,
            priority: Priority::nearest(i64::from(self.priority)),
            tags: self.tags,
            click_url: self.click_url,
            actions: Vec::new(),
            icon_url: self.icon_url,
            image_url: None,
            attachment: None,
            plain: false,
            replaces: self.replaces,
            expires_at: self.expires_at,
        }
    }
}

/// The innermost cause: that is the one that says something.
fn root(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
