use std::{path::PathBuf, time::Duration};

use serde_json::{Value, json};
use tidings_protocol::PublishReceipt;
use tokio::process::Command;

use crate::{Folder, Outcome, Programs, Spawned, Trouble};

/// How a server is to be started.
#[derive(Clone, Debug, Default)]
pub struct ServerOptions {
    /// Certificate and key, in PEM, to speak TLS with.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// Further arguments of `serve`.
    pub arguments: Vec<String>,
}

/// A real `tidings-server` on loopback with a database of its own, which outlives its ends and starts.
#[derive(Debug)]
pub struct Server {
    program: Option<Spawned>,
    options: ServerOptions,
    url: String,
    key: String,
    http: reqwest::Client,
    programs: Programs,
    folder: Folder,
}

impl Server {
    /// The user that every server of the lab has.
    pub const USER: &str = "alice";
    /// Her password.
    pub const PASSWORD: &str = "correct horse battery staple";

    /// Starts one, with a user and a publisher's key.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn start(options: ServerOptions) -> Outcome<Self> {
        // the process's one cryptography, for every HTTP client in it; a second server finds it set
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut http = reqwest::Client::builder().timeout(Duration::from_secs(30));
        if let Some((certificate, _)) = &options.tls {
            let chain = reqwest::Certificate::from_pem_bundle(&std::fs::read(certificate)?)?;
            http = http.tls_certs_only(chain);
        }
        let mut server = Self {
            program: None,
            options,
            url: String::new(),
            key: String::new(),
            http: http.build()?,
            programs: Programs::find()?,
            folder: Folder::new()?,
        };
        server.add_user(Self::USER, Self::PASSWORD).await?;
        let mut key = Spawned::start(server.command(&["key", "create", "lab"])?, None).await?;
        server.key = key.line().await?.trim().to_owned();
        server.serve("127.0.0.1:0").await?;
        Ok(server)
    }

    /// Adds a user.
    ///
    /// # Errors
    /// When the server's program refuses.
    pub async fn add_user(&self, name: &str, password: &str) -> Outcome {
        let command = self.command(&["user", "add", name, "--password-stdin"])?;
        finished(Spawned::start(command, Some(&format!("{password}\n"))).await?).await
    }

    /// Starts serving again, at the same address and with the same database.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn restart(&mut self) -> Outcome {
        let address = self.url.split_once("://").map(|(_, address)| address.to_owned());
        self.serve(&address.unwrap_or_default()).await
    }

    /// Ends it at once, as a crash does.
    ///
    /// # Errors
    /// When it does not end.
    pub async fn kill(&mut self) -> Outcome {
        match self.program.take() {
            Some(mut program) => program.kill().await.map(drop),
            None => Ok(()),
        }
    }

    /// Ends it orderly; it says goodbye.
    ///
    /// # Errors
    /// When it does not end.
    pub async fn stop(&mut self) -> Outcome {
        match self.program.take() {
            Some(mut program) => program.stop().await.map(drop),
            None => Ok(()),
        }
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its address without the scheme, as it is shown to people.
    pub fn host(&self) -> &str {
        self.url.split_once("://").map_or(&self.url, |(_, host)| host)
    }

    /// The publisher's key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Publishes a notification with only a title to the lab's user.
    ///
    /// # Errors
    /// When it is not accepted.
    pub async fn publish(&self, title: &str) -> Outcome<PublishReceipt> {
        self.publish_all(json!({ "title": title })).await
    }

    /// Publishes a notification to the lab's user; everything but whom it is for is in `content`.
    ///
    /// # Errors
    /// When it is not accepted.
    pub async fn publish_all(&self, mut content: Value) -> Outcome<PublishReceipt> {
        content["to"] = json!({ "user": Self::USER });
        let request =
            self.http.post(format!("{}/api/notifications", self.url)).bearer_auth(&self.key).json(&content);
        let response = request.send().await?;
        if response.status() == reqwest::StatusCode::ACCEPTED {
            return Ok(response.json().await?);
        }
        Err(Trouble::Unexpected(format!(
            "publishing was answered {}: {}",
            response.status(),
            response.text().await?
        )))
    }

    /// What `/metrics` says.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn metrics(&self) -> Outcome<String> {
        Ok(self.http.get(format!("{}/metrics", self.url)).send().await?.text().await?)
    }

    async fn serve(&mut self, listen: &str) -> Outcome {
        let mut command = self.command(&["serve", "--listen", listen])?;
        if let Some((certificate, key)) = &self.options.tls {
            command.arg("--tls-cert").arg(certificate).arg("--tls-key").arg(key);
        }
        command.args(&self.options.arguments);
        let mut program = Spawned::start(command, None).await?;
        let line = program.line().await?;
        let url = line.strip_prefix("listening on ").map(str::trim);
        let url = url.ok_or_else(|| Trouble::Unexpected(format!("the server's first line is {line:?}")))?;
        self.url = url.trim_end_matches('/').to_owned();
        self.program = Some(program);
        Ok(())
    }

    fn command(&self, arguments: &[&str]) -> Outcome<Command> {
        let mut command = Command::new(self.programs.server()?);
        command.env_clear().args(arguments).arg("--database").arg(self.folder.path().join("server.db"));
        Ok(command)
    }
}

async fn finished(mut program: Spawned) -> Outcome {
    if program.end().await?.success() {
        return Ok(());
    }
    Err(Trouble::Ended { program: "tidings-server".to_owned(), said: program.said() })
}
