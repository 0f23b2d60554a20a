//! The interfaces of Spin besides WASI: the generated bindings, and variables.

#![allow(missing_docs, reason = "generated from WIT, which has the documentation")]
#![allow(clippy::all, unused_qualifications, reason = "generated")]

include!(concat!(env!("OUT_DIR"), "/bindings.rs"));

use crate::guest::Guest;
use crate::variables::is_name;
use fermyon::spin::variables::{Error, Host};

impl Host for Guest {
    fn get(&mut self, name: String) -> wasmtime::Result<Result<String, Error>> {
        Ok(match self.request.component.variables.get(&name) {
            Some(value) => Ok(value.clone()),
            None if is_name(&name) => Err(Error::Undefined(format!("no variable `{name}` for this component"))),
            None => Err(Error::InvalidName(format!("`{name}` can't name a variable"))),
        })
    }
}
