//! The access token of one connection: read once, renewed by one flight at a time, stored before it is used.

mod session;

pub(crate) use session::{Tokens, Usable};
