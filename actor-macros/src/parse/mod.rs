//! From tokens to what the user wrote. Nothing here knows what it means; bodies stay tokens.

pub(crate) mod attribute;
pub(crate) mod block;
pub(crate) mod duration;
pub(crate) mod mark;
pub(crate) mod method;
pub(crate) mod options;
pub(crate) mod state;
pub(crate) mod suggest;
pub(crate) mod target;

pub(crate) use block::Block;
pub(crate) use mark::{Mark, MarkKind};
pub(crate) use method::Method;
pub(crate) use options::Options;
