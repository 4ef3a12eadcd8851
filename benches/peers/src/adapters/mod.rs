//! One file for each crate. Each is used as its documentation shows it.

pub(crate) mod actix;
pub(crate) mod actor_core;
pub(crate) mod by_hand;
pub(crate) mod coerce;
pub(crate) mod kameo;
pub(crate) mod ractor;
pub(crate) mod tokio_actors;
pub(crate) mod xtra;
