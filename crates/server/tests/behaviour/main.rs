//! What the server does, seen from outside: over real sockets, by the rows of `docs/protocol.md`.

mod command_line;
mod life;
mod opening;
mod publishing;
mod reads;
mod replay;
mod sign_in;
mod support;
mod tls;
