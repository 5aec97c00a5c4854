/// WebSocket close codes with a meaning of their own here (RFC 6455 §7.4, and the private range).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CloseCode(pub u16);

impl CloseCode {
    /// All is done.
    pub const NORMAL: Self = Self(1000);
    /// The endpoint goes away.
    pub const GOING_AWAY: Self = Self(1001);
    /// Policy: the reason text is a [`crate::Code`].
    pub const POLICY: Self = Self(1008);
    /// A frame was larger than [`crate::MAX_FRAME_BYTES`].
    pub const TOO_BIG: Self = Self(1009);
    /// Planned restart, after `goodbye`.
    pub const SERVICE_RESTART: Self = Self(1012);
    /// Sent by a client that heard nothing after a ping; reason `KEEPALIVE_TIMEOUT`.
    pub const KEEPALIVE_TIMEOUT: Self = Self(4000);
    /// Token expired: the same as 1008 `TOKEN_EXPIRED`.
    pub const TOKEN_EXPIRED: Self = Self(4401);
    /// Forbidden: the same as a 403.
    pub const FORBIDDEN: Self = Self(4403);
    /// Token flow: no `auth` message in time; reason `AUTH_TIMEOUT`. A client that was only slow tries again.
    pub const AUTH_TIMEOUT: Self = Self(4408);
}
