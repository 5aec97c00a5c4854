//! The whole app in a real desktop session, and in sessions that lack a part of one.
//!
//! Owns the claims about what a person sees and does. These tests need programs that not every machine has, so a
//! plain `cargo test` passes them over; `cargo xtask test` installs the programs and runs them.

mod accessible;
mod choices;
mod crashes;
mod damaged;
mod first_run;
mod floods;
mod inbox_page;
mod journey;
mod kinds;
mod lab;
mod lacking;
mod languages;
mod links;
mod manners;
mod persisting;
mod placing;
mod quiet_hours;
mod restarts;
mod scene;
mod sign_in_page;
mod text_size;
mod window;
