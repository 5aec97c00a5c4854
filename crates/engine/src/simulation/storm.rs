//! What the blows do, and what comes when they are over.

use std::time::Duration;

use tidings_protocol::{Code, ErrorDetail, Goodbye, ServerMessage};

use super::{
    chaos::{Blow, any_close},
    seen::Seen,
    server::{Reply, Says, epoch_name},
    world::{Happening, World},
};
use crate::{CauseKind, Cursor, Retry, State as Shown, machine::Input};

/// The longest that an attempt, the end of a dead connection before it, and the longest backoff after it may take.
const SOON: Duration = Duration::from_secs(240);

impl World {
    pub(crate) fn strike(&mut self, blow: Blow) {
        match blow {
            Blow::Publish => self.publish(1),
            Blow::PublishMany => {
                // more than a page holds, where there are pages
                let many = if self.mix.manners.is_foreign() { [5, 5, 240] } else { [5; 3] };
                let count = self.dice.pick(&many);
                self.publish(count);
            }
            Blow::ServerCrash => self.server_stops(None),
            Blow::ServerGoodbye => {
                let from = self.dice.pick(&[0, 500, 20_000]);
                let width = self.dice.below(30_000);
                self.server_stops(Some([from, from + width]));
            }
            Blow::GoodbyeWithoutEnd => {
                if let Some(socket) = self.a_socket() {
                    let goodbye = Goodbye { reason: "soon".into(), reconnect_after_ms: [9_000, 1_000] };
                    self.server.say(socket, ServerMessage::Goodbye(goodbye));
                }
            }
            Blow::ServerBusy => {
                self.seen.saw(Seen::ServerBusy);
                self.server.busy = Some(self.dice.pick(&[1, 10, 45]));
                self.mends(blow, 1_000, 60_000);
            }
            // a server can tell it only by a cursor that lies beyond the end, and what waits for a slow owner is not in it
            Blow::PutLogBack if self.mix.owner > 1 || self.owner_slow => {}
            Blow::ReplaceLog | Blow::PutLogBack => {
                let lost = self.dice.pick(&[0, 2, 1000]);
                if blow == Blow::ReplaceLog {
                    self.seen.saw(Seen::LogReplaced);
                    self.server.replace_log(self.time, lost);
                } else {
                    self.seen.saw(Seen::LogPutBack);
                    self.server.put_back(lost);
                }
                // a log is not exchanged under a server that runs
                self.server_stops(None);
            }
            Blow::Prune => {
                self.seen.saw(Seen::LogPruned);
                let count = self.dice.pick(&[1, 4, 1000]);
                self.server.prune(self.time, count);
            }
            Blow::Revoke => {
                if let Some(kept) = self.keychain.kept {
                    self.seen.saw(Seen::SessionRevoked);
                    self.server.revoke(kept.access);
                }
            }
            Blow::ForgetTokens => {
                self.seen.saw(Seen::TokensForgotten);
                self.server.forget_access();
            }
            Blow::CloseSocket => {
                if let Some(socket) = self.a_socket() {
                    self.seen.saw(Seen::SocketClosed);
                    let (code, reason) = any_close(&mut self.dice);
                    self.server.close(socket, code, reason);
                }
            }
            Blow::ResetSocket => {
                if let Some(socket) = self.a_socket() {
                    self.seen.saw(Seen::SocketReset);
                    self.server.cut(socket);
                }
            }
            Blow::KillUpward | Blow::KillDownward => {
                if let Some(socket) = self.a_socket() {
                    let up = blow == Blow::KillUpward;
                    self.seen.saw(if up { Seen::DeadUpwards } else { Seen::DeadDownwards });
                    let pipe = self.pipe(socket);
                    pipe.dead_up |= up;
                    pipe.dead_down |= !up;
                }
            }
            Blow::Stall => {
                if let Some(socket) = self.a_socket() {
                    self.seen.saw(Seen::Stalled);
                    let time = self.dice.ms(500, 40_000);
                    self.stall(socket, time);
                }
            }
            Blow::CutLink => {
                self.seen.saw(Seen::LinkCut);
                self.cut_link();
                self.mends(blow, 500, 90_000);
            }
            Blow::SayNonsense => {
                if let Some(socket) = self.a_socket() {
                    self.seen.saw(Seen::Nonsense);
                    self.server.out.push((socket, Says::Nonsense));
                    let error = ErrorDetail { code: Code::INTERNAL, message: "oh".into() };
                    self.server.say(socket, ServerMessage::Error(error));
                    self.server.say(socket, ServerMessage::Read { ids: vec!["1".into()] });
                }
            }
            Blow::SayTwice => {
                if let Some(socket) = self.a_socket()
                    && self.server.say_again(socket)
                {
                    self.seen.saw(Seen::SentTwice);
                }
            }
            Blow::AuthError => {
                if let Some(socket) = self.a_socket() {
                    let error = ErrorDetail { code: Code::NOT_AUTHORIZED, message: "no".into() };
                    self.server.say(socket, ServerMessage::AuthError(error));
                }
            }
            _ => self.strike_desk(blow),
        }
    }

    /// Those that befall the client's own machine.
    fn strike_desk(&mut self, blow: Blow) {
        match blow {
            _ if self.asleep => {}
            Blow::NetworkDown => {
                self.online = false;
                self.seen.saw(Seen::NetworkDown);
                self.cut_link();
                self.give(Input::NetworkDown);
                self.mends(blow, 100, 60_000);
            }
            Blow::NetworkChange => {
                self.seen.saw(Seen::NetworkChanged);
                self.give(Input::NetworkChanged);
            }
            Blow::Sleep => {
                self.seen.saw(Seen::Slept);
                let time = self.dice.pick(&[2_000, 40_000, 400_000, 4_000_000]);
                let time = self.dice.ms(1_000, time);
                self.sleep(time);
            }
            Blow::StepWallClock => {
                self.seen.saw(Seen::WallClockStepped);
                let step = self.dice.pick(&[-4000, -20, 2, 20, 4000]);
                self.wall_step += time::Duration::seconds(step);
                if step > 3 {
                    // it looks like sleep
                    let look = self.dice.ms(0, 60_000);
                    self.after(look, Happening::ClocksCompared(self.run));
                }
            }
            Blow::Kill => {
                self.seen.saw(Seen::Killed);
                self.kill();
            }
            Blow::LockKeychain => {
                self.seen.saw(Seen::KeychainLocked);
                self.keychain.locked = true;
                self.mends(blow, 1_000, 120_000);
            }
            Blow::LoseKeychain => {
                self.seen.saw(Seen::KeychainMissing);
                self.keychain.missing = true;
                self.mends(blow, 1_000, 120_000);
            }
            Blow::BreakInbox => {
                self.inbox.broken = true;
                self.mends(blow, 100, 60_000);
            }
            Blow::BreakCursor => {
                self.cursor_unreadable = true;
                self.mends(blow, 100, 30_000);
            }
            Blow::SlowOwner if self.server.is_doubtful() => {}
            Blow::SlowOwner => {
                self.seen.saw(Seen::OwnerSlow);
                self.owner_slow = true;
                self.mends(blow, 1_000, 60_000);
            }
            Blow::Connect => {
                self.seen.saw(Seen::PersonConnected);
                self.give(Input::Connect);
            }
            Blow::Disconnect => {
                self.seen.saw(Seen::PersonDisconnected);
                self.give(Input::Disconnect);
            }
            Blow::Reconnect => {
                self.seen.saw(Seen::PersonReconnected);
                self.give(Input::Reconnect);
            }
            Blow::MarkRead => {
                self.seen.saw(Seen::MarkedRead);
                let id = self.dice.roll().to_string();
                self.client.to_tell.push(id.clone());
                self.give(Input::MarkRead(vec![id]));
            }
            other => unreachable!("{other:?}"),
        }
    }

    pub(crate) fn mend(&mut self, blow: Blow) {
        match blow {
            Blow::ServerBusy => self.server.busy = None,
            Blow::CutLink => self.cut = !self.online,
            Blow::NetworkDown if !self.online => {
                if self.asleep {
                    // nobody would notice now
                    return self.mends(blow, 1_000, 1_000);
                }
                self.seen.saw(Seen::NetworkUp);
                self.online = true;
                self.cut = false;
                self.give(Input::NetworkUp);
            }
            Blow::LockKeychain => self.keychain.locked = false,
            Blow::LoseKeychain => self.keychain.missing = false,
            Blow::BreakInbox => self.inbox.broken = false,
            Blow::BreakCursor => self.cursor_unreadable = false,
            Blow::SlowOwner => self.owner_slow = false,
            _ => {}
        }
    }

    fn mends(&mut self, blow: Blow, low: u64, high: u64) {
        let time = self.dice.ms(low, high);
        self.after(time, Happening::Mends(blow));
    }

    // ---- the server

    fn publish(&mut self, count: u32) {
        let (rate, calm) = (self.mix.live_lost, self.calm);
        for _ in 0..count {
            if self.mix.manners.eager && self.server.is_replaying() {
                self.seen.saw(Seen::OvertakenReplay);
            }
            let (dice, seen) = (&mut self.dice, &mut self.seen);
            let stored = self.server.publish(|| {
                let lost = !calm && dice.chance(rate);
                if lost {
                    seen.saw(Seen::LiveOneLost);
                }
                lost
            });
            if stored {
                self.seen.saw(Seen::Published);
            }
        }
    }

    fn server_stops(&mut self, farewell: Option<[u64; 2]>) {
        if !self.server.up {
            return;
        }
        self.seen.saw(if farewell.is_some() { Seen::ServerSaidGoodbye } else { Seen::ServerCrashed });
        // a host that vanishes sends no reset
        if farewell.is_none() && self.dice.chance(400) {
            let sockets: Vec<_> = self.server.open_sockets().collect();
            for socket in sockets {
                self.pipe(socket).dead_down = true;
            }
        }
        self.server.stop(farewell);
        let time = self.dice.pick(&[300, 5_000, 30_000, 120_000]);
        let time = self.dice.ms(0, time);
        self.after(time, Happening::ServerReturns);
    }

    fn a_socket(&mut self) -> Option<u32> {
        // the client's own, most of the time
        let own = self.client.socket.map(|(_, socket)| socket);
        let open: Vec<_> = self.server.open_sockets().collect();
        let any = (!open.is_empty()).then(|| self.dice.pick(&open));
        if self.dice.chance(800) { own.filter(|own| open.contains(own)).or(any) } else { any }
    }

    /// Of what is open, some is lost and some only waits until the link is back.
    fn cut_link(&mut self) {
        self.cut = true;
        let sockets: Vec<_> = self.pipes.keys().copied().collect();
        for socket in sockets {
            if self.dice.chance(500) {
                let pipe = self.pipe(socket);
                (pipe.dead_up, pipe.dead_down) = (true, true);
            }
        }
    }

    // ---- the person and the process

    /// Without a word, at any moment.
    pub(crate) fn kill(&mut self) {
        if self.client.is_renewing() {
            self.seen.saw(Seen::KilledWhileRenewing);
        }
        self.inbox.crashed();
        if let Some((_, socket)) = self.client.socket {
            self.upward(socket, super::server::Hears::Gone);
        }
        self.start();
    }

    /// Does what the status asks for.
    pub(crate) fn person_acts(&mut self) {
        let Shown::Disconnected { cause, retry: Retry::No } = &self.client.watch.status().state else {
            return;
        };
        if cause.kind == CauseKind::SignInNeeded {
            self.sign_in();
        } else {
            self.seen.saw(Seen::PersonConnected);
            self.give(Input::Connect);
        }
    }

    pub(crate) fn sign_in(&mut self) {
        if !self.server.up || self.cut || self.keychain.locked || self.keychain.missing {
            return;
        }
        self.seen.saw(Seen::PersonSignedIn);
        let Reply::Session { access, expires_in, refresh } = self.server.sign_in(self.time) else { return };
        self.keychain.kept = Some(self.kept(access, expires_in, refresh));
        if self.mix.manners.tells_head && !self.inbox.broken {
            let (epoch, seq) = (self.server.epoch(), self.server.head());
            self.inbox.greeted(epoch, seq);
            self.inbox.set_cursor_if_absent(Cursor { epoch: epoch_name(epoch), seq });
        }
        if self.run > 0 && self.client.has_no_session() && self.dice.chance(500) {
            self.give(Input::Connect);
        } else {
            // as the agent does: another connection takes the place of the one that stopped
            self.give(Input::Shutdown);
            self.hand_over();
            self.inbox.begins_anew();
            self.start();
        }
    }

    /// What the old connection told is still taken.
    fn hand_over(&mut self) {
        let untold = std::mem::take(&mut self.client.untold);
        for event in untold {
            self.take(event);
        }
    }

    // ---- calm

    /// Everything works again, and stays so: the connection must come, and bring everything.
    pub(crate) fn calm_down(&mut self) {
        if self.asleep {
            self.pass(Duration::from_secs(5_000), |world| !world.asleep);
        }
        self.tell_trace(|| "---- calm".into());
        self.calm = true;
        self.mix.latency = (1, 40);
        self.server.up = true;
        self.server.busy = None;
        self.keychain.locked = false;
        self.keychain.missing = false;
        self.inbox.broken = false;
        self.cursor_unreadable = false;
        self.owner_slow = false;
        self.cut = false;
        if !self.online {
            self.online = true;
            self.give(Input::NetworkUp);
        }
        // first comes what is still on its way, good and bad
        self.pass(Duration::from_secs(31), |_| false);
        self.connects();
        // what is dead without a word shows itself only now
        self.pass(Duration::from_secs(100), |_| false);
        self.connects();
        for _ in 0..2 {
            self.publish(2);
            self.pass(Duration::from_secs(60), |_| false);
            if self.inbox.holds_back() {
                // the agent does so once its storage works again
                self.give(Input::Reconnect);
                self.connects();
                self.pass(Duration::from_secs(60), |_| false);
            }
            let status = self.client.watch.status();
            assert_eq!(status.state, Shown::Connected, "a calm connection ended");
        }
        if let Err(problem) = self.inbox.is_whole(&self.server) {
            panic!("{problem}");
        }
        let open: Vec<_> = self.server.open_sockets().collect();
        let own = self.client.socket.map(|(_, socket)| socket);
        assert_eq!(open, Vec::from_iter(own), "what the server holds open");
        assert_eq!(self.client.to_tell, Vec::<String>::new(), "read, and never told");
    }

    fn connects(&mut self) {
        for _ in 0..4 {
            let due = match self.client.watch.status().state {
                Shown::Disconnected { retry: Retry::At(_), .. } => {
                    let timeout = self.client.machine.timeout().unwrap();
                    timeout.saturating_duration_since(self.now().at)
                }
                _ => Duration::ZERO,
            };
            let arrived = self.pass(due + SOON, |world| {
                world.client.watch.status().state == Shown::Connected || world.client.watch.is_stopped()
            });
            assert!(arrived, "no connection although all is calm: {:?}", self.client.watch.status());
            if self.client.watch.is_stopped() {
                self.person_acts();
            } else {
                return;
            }
        }
        panic!("stops again and again although all is calm");
    }
}
