//! web-api
