//! The transport against sockets whose names and addresses a test chooses.

mod addresses;
mod errands;
mod files;
