use std::{ffi::OsString, net::SocketAddr, time::Duration};

use serde_json::{Value, json};
use tidings_protocol::PublishReceipt;
use tokio::process::Command;

use crate::{Folder, Identity, Namespace, Outcome, Outpost, Programs, Spawned, Trouble};

/// How a server is to be started.
#[derive(Clone, Debug, Default)]
pub struct ServerOptions {
    /// Certificate and key, in PEM, to speak TLS with.
    pub tls: Option<Identity>,
    /// Further arguments of `serve`.
    pub arguments: Vec<String>,
    /// Variables of its environment; it has no others.
    pub environment: Vec<(String, OsString)>,
    /// The network that it is to live in, and where it listens there; the lab's own loopback if absent.
    pub inside: Option<(Namespace, SocketAddr)>,
}

/// A real `tidings-server` with a database of its own, which outlives its ends and starts.
#[derive(Debug)]
pub struct Server {
    program: Option<Spawned>,
    options: ServerOptions,
    url: String,
    key: String,
    http: reqwest::Client,
    programs: Programs,
    /// The lab's own way in, where the server lives in a network that the lab is not part of.
    _door: Option<Spawned>,
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
        let (programs, folder) = (Programs::find()?, Folder::new()?);
        let mut door = None;
        if let Some((namespace, address)) = &options.inside {
            let socket = folder.path().join("door");
            door = Some(Outpost::new(namespace)?.door(&socket, *address).await?);
            // nothing is kept open: a server that was stopped meanwhile may have closed it just before it is used again
            http = http.unix_socket(socket).pool_max_idle_per_host(0);
        }
        let mut server = Self {
            program: None,
            options,
            url: String::new(),
            key: String::new(),
            http: http.build()?,
            programs,
            _door: door,
            folder,
        };
        server.settle().await?;
        let listen = server.options.inside.as_ref().map(|(_, address)| address.to_string());
        server.serve(&listen.unwrap_or_else(|| "127.0.0.1:0".to_owned())).await?;
        Ok(server)
    }

    /// Puts an empty database in the place of the one that there is, as when a disk is lost: the same user with the same
    /// password, and nothing else of what was. It serves again, at the same address.
    ///
    /// # Errors
    /// When it does not end or does not come up.
    pub async fn replace(&mut self) -> Outcome {
        self.kill().await?;
        for entry in std::fs::read_dir(self.folder.path())? {
            let entry = entry?;
            // the database, and what SQLite has beside it
            if entry.file_name().to_string_lossy().starts_with("server.db") {
                std::fs::remove_file(entry.path())?;
            }
        }
        self.settle().await?;
        self.restart().await
    }

    /// The user and the publisher's key.
    async fn settle(&mut self) -> Outcome {
        self.add_user(Self::USER, Self::PASSWORD).await?;
        let mut key = Spawned::start(self.command(&["key", "create", "lab"])?, None).await?;
        self.key = key.line().await?.trim().to_owned();
        Ok(())
    }

    /// Adds a user.
    ///
    /// # Errors
    /// When the server's program refuses.
    pub async fn add_user(&self, name: &str, password: &str) -> Outcome {
        let command = self.command(&["user", "add", name, "--password-stdin"])?;
        finished(Spawned::start(command, Some(&format!("{password}\n"))).await?).await
    }

    /// Lets the lab's user receive a topic.
    ///
    /// # Errors
    /// When the server's program refuses.
    pub async fn subscribe(&self, topic: &str) -> Outcome {
        let command = self.command(&["user", "subscribe", Self::USER, topic])?;
        finished(Spawned::start(command, None).await?).await
    }

    /// Starts serving again, at the same address and with the same database.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn restart(&mut self) -> Outcome {
        let address = self.url.split_once("://").map(|(_, address)| address.to_owned());
        self.serve(&address.unwrap_or_default()).await
    }

    /// Starts serving again with another certificate.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn restart_as(&mut self, identity: Identity) -> Outcome {
        self.options.tls = Some(identity);
        self.restart().await
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

    /// Stops it where it is (`SIGSTOP`): the kernel still takes connections for it, and nobody answers them.
    ///
    /// # Errors
    /// What the system reports.
    pub fn pause(&self) -> Outcome {
        self.program.as_ref().map_or(Ok(()), Spawned::pause)
    }

    /// Lets it go on.
    ///
    /// # Errors
    /// What the system reports.
    pub fn resume(&self) -> Outcome {
        self.program.as_ref().map_or(Ok(()), Spawned::resume)
    }

    /// Its process id, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.program.as_ref().and_then(Spawned::pid)
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

    /// Publishes a notification to its `topic`, or to the lab's user where it has none; everything else is in `content`.
    ///
    /// # Errors
    /// When it is not accepted.
    pub async fn publish_all(&self, content: Value) -> Outcome<PublishReceipt> {
        self.publisher().publish_all(content).await
    }

    /// Who publishes, apart from the server: what it sends may be under way while the server is ended and started.
    pub fn publisher(&self) -> Publisher {
        Publisher { http: self.http.clone(), url: self.url.clone(), key: self.key.clone() }
    }

    /// What `/metrics` says.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn metrics(&self) -> Outcome<String> {
        Ok(self.http.get(format!("{}/metrics", self.url)).send().await?.text().await?)
    }

    async fn serve(&mut self, listen: &str) -> Outcome {
        let mut command = self.command_inside(&["serve", "--listen", listen])?;
        if let Some((certificate, key)) = &self.options.tls {
            command.arg("--tls-cert").arg(certificate).arg("--tls-key").arg(key);
        }
        command.args(&self.options.arguments).envs(self.options.environment.iter().cloned());
        let mut program = Spawned::start(command, None).await?;
        let line = program.line().await?;
        let url = line.strip_prefix("listening on ").map(str::trim);
        let url = url.ok_or_else(|| Trouble::Unexpected(format!("the server's first line is {line:?}")))?;
        self.url = url.trim_end_matches('/').to_owned();
        self.program = Some(program);
        Ok(())
    }

    /// For what has to do with the network: in its namespace, if it lives in one.
    fn command_inside(&self, arguments: &[&str]) -> Outcome<Command> {
        let program = self.programs.server()?;
        let command = match &self.options.inside {
            Some((namespace, _)) => namespace.command(&program)?,
            None => Command::new(program),
        };
        Ok(self.dressed(command, arguments))
    }

    fn command(&self, arguments: &[&str]) -> Outcome<Command> {
        Ok(self.dressed(Command::new(self.programs.server()?), arguments))
    }

    fn dressed(&self, mut command: Command, arguments: &[&str]) -> Command {
        command.env_clear().args(arguments).arg("--database").arg(self.folder.path().join("server.db"));
        command
    }
}

async fn finished(mut program: Spawned) -> Outcome {
    if program.end().await?.success() {
        return Ok(());
    }
    Err(Trouble::Ended { program: "tidings-server".to_owned(), said: program.said() })
}

/// Publishes to the lab's user and to topics.
#[derive(Clone, Debug)]
pub struct Publisher {
    http: reqwest::Client,
    url: String,
    key: String,
}

impl Publisher {
    /// Publishes a notification to its `topic`, or to the lab's user where it has none; everything else is in `content`.
    ///
    /// # Errors
    /// When it is not accepted.
    pub async fn publish_all(&self, mut content: Value) -> Outcome<PublishReceipt> {
        let topic = content.as_object_mut().and_then(|content| content.remove("topic"));
        content["to"] =
            topic.map_or_else(|| json!({ "user": Server::USER }), |topic| json!({ "topic": topic }));
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
}
