//! A real nginx with nchan, as a foreign back end would be set up: it authorises sockets by asking a program of its own,
//! takes what clients say into one channel, and sends them what is published to another.

use std::{
    env, fs,
    net::{Ipv4Addr, SocketAddr},
    process::Command,
};

use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    process::Child,
};

/// The door knows tokens by their name.
const CONFIG: &str = r#"
load_module ROOT/usr/lib/nginx/modules/ngx_nchan_module.so;
user root;
worker_processes 1;
daemon off;
pid FOLDER/pid;
error_log FOLDER/error.log info;
events { worker_connections 256; }
http {
    access_log off;
    client_body_temp_path FOLDER/body;
    proxy_temp_path FOLDER/proxy;
    fastcgi_temp_path FOLDER/fastcgi;
    uwsgi_temp_path FOLDER/uwsgi;
    scgi_temp_path FOLDER/scgi;
    client_max_body_size 8m;
    client_body_buffer_size 8m;
    nchan_message_buffer_length 100;
    server {
        listen ADDRESS;
        location = /api/ws/notification {
            nchan_pubsub websocket;
            nchan_subscriber_channel_id down/$arg_token;
            nchan_publisher_channel_id up/$arg_token;
            nchan_subscriber_first_message oldest;
            nchan_authorize_request /authorize;
        }
        location = /authorize {
            internal;
            proxy_pass http://ADDRESS/door?token=$arg_token;
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
        }
        location = /door {
            if ($arg_token = "stranger") { return 403; }
            if ($arg_token = "expired") { return 401; }
            if ($arg_token = "busy") { return 503; }
            return 200;
        }
        location ~ ^/channel/(.+)$ {
            nchan_publisher http;
            nchan_channel_id $1;
        }
        location ~ ^/first/(.+)$ {
            nchan_subscriber http-raw-stream;
            nchan_subscriber_first_message oldest;
            nchan_channel_id $1;
        }
    }
}
"#;

/// The folder that Debian's packages were unpacked in; without one, they are installed.
fn unpacked() -> String {
    env::var("TIDINGS_NGINX").unwrap_or_default()
}

pub(crate) struct Nginx {
    folder: TempDir,
    address: SocketAddr,
    child: Option<Child>,
}

impl Nginx {
    pub(crate) async fn start() -> Self {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let folder = TempDir::new().unwrap();
        let config = CONFIG.replace("FOLDER", folder.path().to_str().unwrap());
        let config = config.replace("ADDRESS", &address.to_string()).replace("ROOT", &unpacked());
        fs::write(folder.path().join("nginx.conf"), config).unwrap();
        let mut nginx = Self { folder, address, child: None };
        nginx.start_again().await;
        nginx
    }

    pub(crate) async fn start_again(&mut self) {
        let path = |name: &str| self.folder.path().join(name);
        let mut command = tokio::process::Command::new(unpacked() + "/usr/sbin/nginx");
        command.arg("-p").arg(self.folder.path()).arg("-c").arg(path("nginx.conf"));
        command.arg("-e").arg(path("error.log"));
        let mut child = command.spawn().expect("nginx; `cargo xtask test` fetches it");
        while TcpStream::connect(self.address).await.is_err() {
            let log = || fs::read_to_string(path("error.log")).unwrap_or_default();
            assert!(child.try_wait().unwrap().is_none(), "nginx has ended: {}", log());
            tokio::task::yield_now().await;
        }
        self.child = Some(child);
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Ends it as an administrator does.
    pub(crate) async fn stop(&mut self) {
        let mut child = self.child.take().unwrap();
        signal("-QUIT", &[child.id().unwrap()]);
        child.wait().await.unwrap();
    }

    /// Ends master and workers at once.
    pub(crate) async fn crash(&mut self) {
        let mut child = self.child.take().unwrap();
        signal("-KILL", &with_children(child.id().unwrap()));
        child.wait().await.unwrap();
    }

    /// Has it read its configuration again, which replaces the workers.
    pub(crate) fn reload(&self) {
        signal("-HUP", &[self.child.as_ref().unwrap().id().unwrap()]);
    }

    /// Says something to all who use this token, now or later.
    pub(crate) async fn publish(&self, token: &str, message: &str) {
        let head = self.ask("POST", &format!("/channel/down/{token}"), message).await;
        assert!(head.contains(" 201 ") || head.contains(" 202 "), "{head}");
    }

    /// Closes the sockets of this token and forgets what was said.
    pub(crate) async fn forget(&self, token: &str) {
        let head = self.ask("DELETE", &format!("/channel/down/{token}"), "").await;
        assert!(head.contains(" 200 "), "{head}");
    }

    /// Waits for what clients with this token have said, until there are `count` messages.
    pub(crate) async fn heard(&self, token: &str, count: usize) -> Vec<String> {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!("GET /first/up/{token} HTTP/1.0\r\nHost: nchan\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        loop {
            let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
            // one JSON object after the other
            let messages = serde_json::Deserializer::from_str(body).into_iter::<serde_json::Value>();
            let messages =
                messages.map_while(Result::ok).map(|message| message.to_string()).collect::<Vec<_>>();
            if messages.len() >= count {
                return messages;
            }
            let mut bytes = [0; 4096];
            let read = stream.read(&mut bytes).await.unwrap();
            assert!(read > 0, "nchan has closed: {answer}");
            answer += &String::from_utf8_lossy(&bytes[..read]);
        }
    }

    async fn ask(&self, method: &str, path: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let head =
            format!("{method} {path} HTTP/1.0\r\nHost: nchan\r\nContent-Length: {}\r\n\r\n", body.len());
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(body.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // it may reset a connection that it has answered, so only an answer that is missing is trouble
        let read = stream.read_to_end(&mut answer).await;
        assert!(!answer.is_empty(), "nchan does not answer: {read:?}");
        String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        if let Some(master) = self.child.as_ref().and_then(Child::id) {
            signal("-KILL", &with_children(master));
        }
    }
}

fn with_children(master: u32) -> Vec<u32> {
    let children = fs::read_to_string(format!("/proc/{master}/task/{master}/children")).unwrap_or_default();
    let children = children.split_whitespace().filter_map(|pid| pid.parse().ok());
    std::iter::once(master).chain(children).collect()
}

fn signal(signal: &str, processes: &[u32]) {
    let processes = processes.iter().map(u32::to_string);
    assert!(Command::new("kill").arg(signal).args(processes).status().unwrap().success());
}
