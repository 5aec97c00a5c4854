//! A server in this process, and a client that is as plain as possible.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tidings_protocol::{
    AuthSuccess, ClientMessage, Decoded, ErrorBody, Notification, Secret, ServerMessage, Session,
    TicketResponse,
};
use tidings_server::{Admin, Config, PasswordCost, Server};
use tokio::{
    net::{TcpSocket, TcpStream},
    task::JoinHandle,
    time::timeout,
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, client_async, connect_async,
    tungstenite::{self, Message, client::IntoClientRequest as _, http},
};
use tokio_util::sync::CancellationToken;

pub(crate) const PASSWORD: &str = "correct horse";
/// Only a server that hangs takes as long.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server with the user alice.
pub(crate) struct House {
    pub(crate) admin: Admin,
    pub(crate) url: String,
    pub(crate) http: reqwest::Client,
    pub(crate) folder: TempDir,
    shutdown: CancellationToken,
    running: JoinHandle<()>,
}

impl House {
    pub(crate) async fn open() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let house = Self::within(folder, change).await;
        house.admin.add_user("alice", &Secret::from(PASSWORD)).await.unwrap();
        house
    }

    /// On whatever is in the folder already.
    pub(crate) async fn within(folder: TempDir, change: impl FnOnce(&mut Config)) -> Self {
        // all tests of this process share it
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut config = Config::new(folder.path().join("server.db"));
        config.password_cost = PasswordCost::CHEAP;
        change(&mut config);
        let server = Server::bind(config).await.unwrap();
        let (admin, url, shutdown) = (server.admin(), server.url(), CancellationToken::new());
        let running = tokio::spawn(server.run(shutdown.clone()));
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { admin, url, http, folder, shutdown, running }
    }

    /// Stops the server and leaves what it stored.
    pub(crate) async fn close(self) -> TempDir {
        self.shutdown.cancel();
        timeout(PATIENCE, self.running).await.expect("the server stops").unwrap();
        self.folder
    }

    pub(crate) fn begin_shutdown(&self) {
        self.shutdown.cancel();
    }

    pub(crate) async fn post(&self, path: &str, bearer: Option<&Secret>, body: Value) -> Response {
        let mut request = self.http.post(format!("{}{path}", self.url)).json(&body);
        if let Some(bearer) = bearer {
            request = request.bearer_auth(bearer.expose());
        }
        request.send().await.unwrap()
    }

    pub(crate) async fn text(&self, path: &str) -> String {
        self.http.get(format!("{}{path}", self.url)).send().await.unwrap().text().await.unwrap()
    }

    /// The value of a line of `/metrics`.
    pub(crate) async fn metric(&self, name: &str) -> u64 {
        let text = self.text("/metrics").await;
        let line = text.lines().find_map(|line| line.strip_prefix(name)).expect(name);
        line.trim().parse().unwrap()
    }

    pub(crate) async fn login(&self, name: &str) -> Session {
        let response = self.try_login(name, PASSWORD).await;
        assert_eq!(response.status(), StatusCode::OK);
        response.json().await.unwrap()
    }

    pub(crate) async fn try_login(&self, name: &str, password: &str) -> Response {
        let body =
            json!({"username": name, "password": password, "device": {"name": "lab", "platform": "linux"}});
        self.post("/api/auth/login", None, body).await
    }

    pub(crate) async fn refresh(&self, token: &Secret) -> Response {
        self.post("/api/auth/refresh", None, json!({"refresh_token": token.expose()})).await
    }

    pub(crate) async fn ticket(&self, session: &Session) -> Secret {
        let response = self.post("/api/ws/ticket", Some(&session.access_token), json!({})).await;
        assert_eq!(response.status(), StatusCode::OK);
        response.json::<TicketResponse>().await.unwrap().ticket
    }

    pub(crate) fn socket_url(&self, path: &str) -> String {
        format!("{}{path}", self.url.replacen("http", "ws", 1))
    }

    /// An upgrade, or its refusal.
    pub(crate) async fn upgrade(
        &self,
        path: &str,
        origin: Option<&str>,
    ) -> Result<Wire, (StatusCode, ErrorBody)> {
        let mut request = self.socket_url(path).into_client_request().unwrap();
        if let Some(origin) = origin {
            request.headers_mut().insert(http::header::ORIGIN, origin.parse().unwrap());
        }
        match connect_async(request).await {
            Ok((socket, _)) => Ok(Wire { socket }),
            Err(tungstenite::Error::Http(response)) => {
                let body = response.body().clone().unwrap_or_default();
                Err((
                    StatusCode::from_u16(response.status().as_u16()).unwrap(),
                    ErrorBody::parse(&body).unwrap(),
                ))
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// A socket by the ticket flow, up to `auth_success`.
    pub(crate) async fn connect(&self, session: &Session) -> (Wire, AuthSuccess) {
        let ticket = self.ticket(session).await;
        let mut wire = self.upgrade(&format!("/ws?ticket={}", ticket.expose()), None).await.unwrap();
        let success = wire.auth_success().await;
        (wire, success)
    }

    /// As [`House::connect`], with so little room on the client's side that the server soon has to wait for it.
    pub(crate) async fn connect_narrow(&self, session: &Session) -> (Wire, AuthSuccess) {
        let ticket = self.ticket(session).await;
        let url = self.socket_url(&format!("/ws?ticket={}", ticket.expose()));
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(16 * 1024).unwrap();
        let address = self.url.strip_prefix("http://").unwrap().parse().unwrap();
        let stream = MaybeTlsStream::Plain(socket.connect(address).await.unwrap());
        let (socket, _) = client_async(url, stream).await.unwrap();
        let mut wire = Wire { socket };
        let success = wire.auth_success().await;
        (wire, success)
    }

    /// A socket by the token flow, before its `auth` message.
    pub(crate) async fn connect_by_token(&self, token: &Secret) -> Wire {
        let path = format!("/api/ws/notification?token={}", token.expose());
        self.upgrade(&path, None).await.unwrap()
    }

    /// Publishes to alice `count` times and answers the last `seq`.
    pub(crate) async fn publish(&self, count: usize) -> u64 {
        self.publish_body(count, "").await
    }

    /// As [`House::publish`], with a body.
    pub(crate) async fn publish_body(&self, count: usize, body: &str) -> u64 {
        let mut last = 0;
        for number in 0..count {
            let title = format!("number {number}");
            let request = json!({"to": {"user": "alice"}, "title": title, "body": body});
            last = self.admin.publish(serde_json::from_value(request).unwrap()).await.unwrap().seq;
        }
        last
    }
}

/// The `code` of an error body, after checking the status.
pub(crate) async fn code(response: Response, status: u16) -> String {
    assert_eq!(response.status().as_u16(), status);
    let body = response.bytes().await.unwrap();
    ErrorBody::parse(&body).expect("an error body").error.code.to_string()
}

/// Seconds of `Retry-After`.
pub(crate) fn retry_after(response: &Response) -> u64 {
    response.headers()["retry-after"].to_str().unwrap().parse().unwrap()
}

/// One socket, from the client's end.
pub(crate) struct Wire {
    pub(crate) socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Wire {
    pub(crate) async fn send(&mut self, message: &ClientMessage) {
        self.send_text(&message.encode()).await;
    }

    pub(crate) async fn send_text(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    pub(crate) async fn resume(&mut self, epoch: &str, after: u64) {
        self.send(&ClientMessage::Resume { epoch: epoch.to_owned(), after }).await;
    }

    /// The next frame that is for the program.
    pub(crate) async fn frame(&mut self) -> Message {
        loop {
            let frame = timeout(PATIENCE, self.socket.next()).await.expect("something comes");
            match frame.expect("the socket is open").unwrap() {
                Message::Ping(_) | Message::Pong(_) => {}
                frame => return frame,
            }
        }
    }

    pub(crate) async fn recv(&mut self) -> ServerMessage {
        let frame = self.frame().await;
        let text = frame.to_text().unwrap();
        match ServerMessage::decode(text) {
            Ok(Decoded::Message(message)) => message,
            other => panic!("{text}: {other:?}"),
        }
    }

    pub(crate) async fn auth_success(&mut self) -> AuthSuccess {
        match self.recv().await {
            ServerMessage::AuthSuccess(success) => success,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn notification(&mut self) -> Notification {
        match self.recv().await {
            ServerMessage::Notification(notification) => *notification,
            other => panic!("{other:?}"),
        }
    }

    /// Everything up to `pong`: what the server had to say by then.
    pub(crate) async fn until_pong(&mut self) -> Vec<ServerMessage> {
        self.send(&ClientMessage::Ping).await;
        let mut said = Vec::new();
        loop {
            match self.recv().await {
                ServerMessage::Pong => return said,
                message => said.push(message),
            }
        }
    }

    /// Reads on to the close frame.
    pub(crate) async fn closed(&mut self) -> (u16, String) {
        loop {
            if let Message::Close(frame) = self.frame().await {
                let frame = frame.expect("a close with a reason");
                return (frame.code.into(), frame.reason.to_string());
            }
        }
    }
}
