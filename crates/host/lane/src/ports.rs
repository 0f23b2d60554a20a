//! Ports of the loopback interface.

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

use crate::LaneError;

/// A port that nobody listens on at the moment.
///
/// # Errors
/// There is none.
pub fn free_port() -> Result<u16, LaneError> {
    let port = || -> io::Result<u16> { Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port()) };
    port().map_err(LaneError::at(Path::new("127.0.0.1")))
}
