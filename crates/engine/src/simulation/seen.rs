//! What happened over all runs. A simulation in which the server never restarts proves nothing about restarts.

macro_rules! seen {
    ($($name:ident),* $(,)?) => {
        /// Something that a run may bring about.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Seen { $($name),* }

        impl Seen {
            pub(crate) const ALL: &[Seen] = &[$(Seen::$name),*];
        }
    };
}

seen! {
    // the server and its log
    ServerCrashed, ServerSaidGoodbye, ServerCameBack, LogReplaced, LogPutBack, LogPruned, ServerBusy, SessionRevoked,
    TokensForgotten, Published, LiveOneLost, SentTwice, OvertakenReplay, SilentSocketSwept,
    // the network between
    LinkCut, SocketReset, SocketClosed, DeadUpwards, DeadDownwards, Stalled, RequestLost, RequestLate, RequestReset, AnswerLost,
    AnswerMangled, ConnectionRefused, NetworkDown, NetworkUp, NetworkChanged, Nonsense, LateEcho,
    // the desk
    Slept, WokeBySignal, WokeByClock, WallClockStepped, Killed, KilledWhileRenewing, KeychainLocked, KeychainMissing,
    StorageFailed, CursorUnreadable, OwnerSlow, PersonConnected, PersonDisconnected, PersonReconnected, PersonSignedIn,
    MarkedRead,
    // what the client made of it
    Connected, Settled, Retried, RetriedAtCap, RetriedAfterFloor, RetriedAfterGoodbye, RetriedUnasked, Reauthenticated,
    StoppedForSignIn, StoppedBlocked, WentOffline, Probed, FoundSilent, OutOfTime, TookReplay, ToldIncomplete,
    NewEpoch, Gap, ReplayStalled, HoleStayed, RenewedAhead, NotRenewedAhead, DuplicateCame, TicketRefused, TokenRefused,
    RefreshRefused, AuthError, ClosedInTurn,
    // other kinds of server
    CaughtUp, Fetched, FetchedInPages, FellBehind, AskedWhereTheLogStands,
}

/// How often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tally([u64; Seen::ALL.len()]);

impl Default for Tally {
    fn default() -> Self {
        Self([0; Seen::ALL.len()])
    }
}

impl Tally {
    pub(crate) fn saw(&mut self, what: Seen) {
        self.0[what as usize] += 1;
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine += theirs;
        }
    }

    pub(crate) fn of(&self, what: Seen) -> u64 {
        self.0[what as usize]
    }
}
