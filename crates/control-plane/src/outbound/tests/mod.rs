//! Tests of the guarded client over real sockets.

pub(super) mod count;
