//! ntfy, as its version 2.27 is seen to behave.

mod access;
mod calls;
mod fault;
mod history;
mod publishing;
mod real;
mod store;

use std::{
    io,
    net::SocketAddr,
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde_json::{Value, json};

use self::store::Store;
use crate::{
    answer::Reply,
    front::{ANYWHERE, Front},
    seats::Seats,
    socket::Beat,
};

pub use access::Access;
pub use real::RealNtfy;

/// How a model of ntfy is to be.
#[derive(Clone, Copy, Debug)]
pub struct NtfyOptions {
    /// How often it pings.
    pub ping: Duration,
    /// How long past that it waits for a pong.
    pub pong: Duration,
    /// Where it listens.
    pub listen: SocketAddr,
    /// What everybody may do with a topic that no rule names.
    pub access: Access,
    /// How many sockets an address may have open.
    pub most_sockets: usize,
    /// How many sign-ins of an address may fail before it is told to wait, whatever it sends then.
    pub most_failures: usize,
}

impl Default for NtfyOptions {
    fn default() -> Self {
        Self {
            ping: Duration::from_secs(45),
            pong: Duration::from_secs(15),
            listen: ANYWHERE,
            access: Access::ReadWrite,
            most_sockets: 30,
            most_failures: 30,
        }
    }
}

/// A model of an ntfy server with one user.
#[derive(Debug)]
pub struct Ntfy {
    front: Front,
    store: Arc<Mutex<Store>>,
}

impl Ntfy {
    /// Its user.
    pub const USER: &str = "alice";
    /// Her password.
    pub const PASSWORD: &str = "correct horse";

    /// Starts one.
    ///
    /// # Errors
    /// When there is no free port.
    pub async fn start(options: NtfyOptions) -> io::Result<Self> {
        let seats = Seats::new();
        let store = Arc::new(Mutex::new(Store::new(options, seats.clone())));
        let answering = Arc::clone(&store);
        let respond = Box::new(move |ask: &_| calls::answer(&mut lock(&answering), ask));
        let beat = Beat { ping: options.ping, pong: options.pong };
        Ok(Self { front: Front::start(options.listen, seats, beat, refused, respond).await?, store })
    }

    /// Publishes with the fields of a message as JSON, but for the topic; returns what was said on the sockets.
    pub fn publish(&self, topic: &str, message: &Value) -> Value {
        let mut message = message.clone();
        message["topic"] = json!(topic);
        self.lock().publish_json(&message)
    }

    /// Says that the notification of this sequence is to be deleted. The history keeps both.
    pub fn delete(&self, topic: &str, sequence: &str) -> Value {
        self.lock().withdraw("message_delete", topic, sequence)
    }

    /// Says that the notification of this sequence was read elsewhere. The history keeps both.
    pub fn clear(&self, topic: &str, sequence: &str) -> Value {
        self.lock().withdraw("message_clear", topic, sequence)
    }

    /// Asks the subscribers to look at another server; no history has it.
    pub fn poll_request(&self, topic: &str) -> Value {
        self.lock().poll_request(topic, "poll")
    }

    /// Says something on the sockets that listen to `topic`, whatever it is; no history has it.
    pub fn say(&self, topic: &str, frame: &str) {
        self.lock().seats.tell(Some(topic), frame);
    }

    /// Delivers everything that is scheduled, now. Its place in the history stays where it was published.
    pub fn deliver_scheduled(&self) {
        self.lock().deliver_scheduled();
    }

    /// Makes a token as somebody at the web page does.
    pub fn token(&self, label: &str) -> String {
        self.lock().token(label, None)
    }

    /// Labels of the tokens that there are.
    pub fn tokens(&self) -> Vec<String> {
        self.lock().tokens.iter().map(|token| token.label.clone()).collect()
    }

    /// Makes a token void. A socket that was opened with it lives on.
    pub fn revoke(&self, token: &str) {
        self.lock().tokens.retain(|known| known.token != token);
    }

    /// Makes all tokens void.
    pub fn revoke_all(&self) {
        self.lock().tokens.clear();
    }

    /// A rule for a topic, or for all that begin with what stands before a `*`; for the user, or for whoever is nobody.
    /// The last rule that fits counts, and the user's come before everybody's.
    pub fn allow(&self, user: Option<&str>, topic: &str, access: Access) {
        self.lock().rules.push((user.map(str::to_owned), topic.to_owned(), access));
    }

    /// Lets addresses sign in again that have failed too often.
    pub fn forgive(&self) {
        self.lock().failures = 0;
    }

    /// Forgets all but the last `kept` messages, as a cache does after twelve hours. Their ids are unknown then.
    pub fn age_out(&self, kept: usize) {
        self.lock().age_out(kept);
    }

    /// Ids of what the history holds, in the order in which it was stored.
    pub fn messages(&self) -> Vec<String> {
        self.lock().ids()
    }

    /// Another database in the place of this one: no messages, the same user, tokens and rules.
    pub fn reset(&self) {
        self.lock().age_out(0);
    }

    fn lock(&self) -> MutexGuard<'_, Store> {
        lock(&self.store)
    }
}

/// A handshake is refused with nothing but the status.
fn refused(status: u16, handshake: bool) -> Reply {
    if handshake { Reply::empty(status) } else { fault::by_status(status).reply() }
}

fn lock(store: &Mutex<Store>) -> MutexGuard<'_, Store> {
    store.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Deref for Ntfy {
    type Target = Front;

    fn deref(&self) -> &Front {
        &self.front
    }
}

impl DerefMut for Ntfy {
    fn deref_mut(&mut self) -> &mut Front {
        &mut self.front
    }
}
