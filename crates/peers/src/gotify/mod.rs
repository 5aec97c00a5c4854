//! Gotify, as its versions 2 and 3 are seen to behave.

mod calls;
mod store;

use std::{
    io,
    net::SocketAddr,
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde_json::Value;

use self::store::Store;
use crate::{
    front::{ANYWHERE, Front},
    seats::Seats,
    socket::Beat,
};

/// Which of its versions a model is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Edition {
    /// Knows neither `/gotifyinfo` nor `/auth/logout`; a token may delete any client.
    Two,
    /// A token may sign itself out, and must be elevated to delete clients. Tokens are told once, when they are made.
    #[default]
    Three,
}

/// How a model of Gotify is to be.
#[derive(Clone, Copy, Debug)]
pub struct GotifyOptions {
    /// Its version.
    pub edition: Edition,
    /// How often it pings.
    pub ping: Duration,
    /// How long past that it waits for a pong.
    pub pong: Duration,
    /// Where it listens.
    pub listen: SocketAddr,
}

impl Default for GotifyOptions {
    fn default() -> Self {
        let (ping, pong) = (Duration::from_secs(45), Duration::from_secs(15));
        Self { edition: Edition::default(), ping, pong, listen: ANYWHERE }
    }
}

/// A model of a Gotify server with one user and, at first, one application.
#[derive(Debug)]
pub struct Gotify {
    front: Front,
    store: Arc<Mutex<Store>>,
}

/// What publishes at a Gotify server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// Its number.
    pub id: u64,
    /// What it publishes with.
    pub token: String,
}

/// A message that has its number and is not yet to be seen by anybody, as when its transaction commits late.
#[derive(Debug)]
#[must_use = "nobody sees it until it is committed"]
pub struct Held(Value);

impl Gotify {
    /// Its user.
    pub const USER: &str = "alice";
    /// Her password.
    pub const PASSWORD: &str = "correct horse";

    /// Starts one.
    ///
    /// # Errors
    /// When there is no free port.
    pub async fn start(options: GotifyOptions) -> io::Result<Self> {
        let seats = Seats::new();
        let store = Arc::new(Mutex::new(Store::new(options.edition, seats.clone())));
        let answering = Arc::clone(&store);
        let respond = Box::new(move |ask: &_| calls::answer(&mut lock(&answering), ask));
        let beat = Beat { ping: options.ping, pong: options.pong };
        let front =
            Front::start(options.listen, seats, beat, |status, _| calls::error(status, "closed"), respond)
                .await?;
        Ok(Self { front, store })
    }

    /// Publishes from the first application, with the fields of `POST /message`; returns the number.
    pub fn publish(&self, message: &Value) -> u64 {
        self.publish_from(1, message)
    }

    /// Publishes from any application.
    pub fn publish_from(&self, application: u64, message: &Value) -> u64 {
        let mut store = self.lock();
        let message = store.number(application, message);
        store.commit(message)
    }

    /// Gives a message its number; it becomes visible with [`Gotify::commit`], perhaps after later ones.
    pub fn hold(&self, message: &Value) -> Held {
        Held(self.lock().number(1, message))
    }

    /// Makes a held message visible, in the history and on the stream; returns the number.
    pub fn commit(&self, held: Held) -> u64 {
        self.lock().commit(held.0)
    }

    /// A further application, with an image where there are bytes of one.
    pub fn application(&self, name: &str, image: Option<&[u8]>) -> Application {
        self.lock().application(name, image)
    }

    /// Makes a client as somebody at the web page does; returns its token.
    pub fn client(&self, name: &str) -> String {
        self.lock().client(name).1
    }

    /// Names of the clients that there are.
    pub fn clients(&self) -> Vec<String> {
        self.lock().clients.iter().map(|client| client.name.clone()).collect()
    }

    /// Deletes the client of this token; its sockets end without a close frame.
    pub fn revoke(&self, token: &str) {
        self.lock().delete_clients(|client| client.token == token);
    }

    /// Deletes all clients, as somebody at the web page may.
    pub fn revoke_all(&self) {
        self.lock().delete_clients(|_| true);
    }

    /// Numbers of the messages that are in the history, in order.
    pub fn messages(&self) -> Vec<u64> {
        self.lock().messages.keys().copied().collect()
    }

    /// Deletes a message, as somebody at the web page may; nobody is told.
    pub fn delete(&self, id: u64) {
        self.lock().messages.remove(&id);
    }

    /// Another database in the place of this one: no messages, numbers from 1 again, the same user, applications and clients.
    pub fn reset(&self) {
        self.lock().reset();
    }

    fn lock(&self) -> MutexGuard<'_, Store> {
        lock(&self.store)
    }
}

fn lock(store: &Mutex<Store>) -> MutexGuard<'_, Store> {
    store.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Deref for Gotify {
    type Target = Front;

    fn deref(&self) -> &Front {
        &self.front
    }
}

impl DerefMut for Gotify {
    fn deref_mut(&mut self) -> &mut Front {
        &mut self.front
    }
}
