//! The machine by example, one file for each of its concerns.

mod attempt;
mod ending;
mod fetched;
mod history;
mod live;
mod network;

use super::{bench::*, *};
