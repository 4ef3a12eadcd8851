//! Our side: annotated actors, through the handles that the annotation makes.

pub(crate) mod ask;
pub(crate) mod life;
pub(crate) mod many;
pub(crate) mod ping;
pub(crate) mod tell;
