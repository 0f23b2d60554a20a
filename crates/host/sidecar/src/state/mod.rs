//! State: `/v1.0/state/{store}`, its keys, `bulk` and `transaction`.
//!
//! Behaves as `state.postgresql` v2: an etag is a UUID that changes with every write, a wrong one is a 409.
//! Each app sees its own keys unless the component's `keyPrefix` says otherwise. The bodies are in `request`, the statements in `table`.

mod request;
mod table;

use std::collections::BTreeMap;

use bytes::Bytes;
use http::header::{ETAG, IF_MATCH};
use http::{HeaderValue, Request, Response, StatusCode};
use serde::Deserialize;

use crate::Inner;
use crate::database::DatabaseError;
use crate::error::{ApiError, empty_response, json_response};
use crate::http_api::{query_metadata, query_parameter};
use crate::resources::Component;
use request::{Item, Transaction, guard};
use table::{Change, Guard, Write};

/// Saves each item by itself.
pub(crate) async fn save(
    sidecar: &Inner,
    app_id: &str,
    store: &str,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, ApiError> {
    let store = Store::find(sidecar, app_id, store)?;
    let items: Vec<Item> = serde_json::from_slice(request.body()).map_err(|error| bad_request(error.to_string()))?;
    if items.iter().any(|item| item.key.is_empty()) {
        return Err(bad_request("\"key\" is a required field".to_owned()));
    }
    let shared = query_metadata(request.uri());
    let changes = items
        .iter()
        .map(|item| {
            let failed = |failure: Failure| failure.on_save(store.name);
            Ok((store.key(&item.key)?, item.write(&shared).map_err(failed)?))
        })
        .collect::<Result<Vec<_>, ApiError>>()?;
    let mut first_failure = None;
    for (key, write) in changes {
        let applied = table::apply(&sidecar.database, store.name, &key, &write).await;
        if let Err(failure) = as_outcome(applied) {
            first_failure.get_or_insert(match (failure, &write.guard) {
                (Failure::EtagMismatch, Guard::Absent) => Failure::NotFirst,
                (failure, _) => failure,
            });
        }
    }
    match first_failure {
        None => Ok(empty_response(StatusCode::NO_CONTENT)),
        Some(failure) => Err(failure.on_save(store.name)),
    }
}

/// The value, or 204.
pub(crate) async fn get(sidecar: &Inner, app_id: &str, store: &str, key: &str) -> Result<Response<Bytes>, ApiError> {
    let store = Store::find(sidecar, app_id, store)?;
    let full_key = store.key(key)?;
    let mut found = table::read(&sidecar.database, store.name, &[full_key]).await.map_err(|error| {
        ApiError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "ERR_STATE_GET",
            format!("fail to get {key} from state store {}: {error}", store.name),
        )
    })?;
    let Some(entry) = found.pop() else {
        return Ok(empty_response(StatusCode::NO_CONTENT));
    };
    let mut response = json_response(StatusCode::OK, entry.value.clone());
    let headers = response.headers_mut();
    if let Ok(etag) = HeaderValue::from_str(&entry.etag.to_string()) {
        headers.insert(ETAG, etag);
    }
    if let Some(time) = entry.expiry().and_then(|time| HeaderValue::from_str(&time).ok()) {
        headers.insert("metadata.ttlexpiretime", time);
    }
    Ok(response)
}

/// Deletes; a key that is not there is fine unless an etag was given.
pub(crate) async fn delete(
    sidecar: &Inner,
    app_id: &str,
    store: &str,
    key: &str,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, ApiError> {
    let store = Store::find(sidecar, app_id, store)?;
    let full_key = store.key(key)?;
    let etag = request.headers().get(IF_MATCH).and_then(|value| value.to_str().ok());
    let first_write = query_parameter(request.uri(), "concurrency").as_deref() == Some("first-write");
    let outcome = async {
        let write = Write { change: Change::Delete, guard: guard(etag, first_write)? };
        as_outcome(table::apply(&sidecar.database, store.name, &full_key, &write).await)
    };
    match outcome.await {
        Ok(()) => Ok(empty_response(StatusCode::NO_CONTENT)),
        Err(failure) => {
            let message = format!("failed deleting state with key {key}: {failure}");
            Err(ApiError::new(failure.status(), "ERR_STATE_DELETE", message))
        }
    }
}

/// Many keys at once, those that are not there without data.
pub(crate) async fn get_bulk(
    sidecar: &Inner,
    app_id: &str,
    store: &str,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, ApiError> {
    #[derive(Deserialize)]
    struct Wanted {
        #[serde(default)]
        keys: Vec<String>,
    }
    let store = Store::find(sidecar, app_id, store)?;
    let wanted: Wanted = serde_json::from_slice(request.body()).map_err(ApiError::malformed)?;
    let full_keys = wanted.keys.iter().map(|key| store.key(key)).collect::<Result<Vec<_>, _>>()?;
    let found = table::read(&sidecar.database, store.name, &full_keys)
        .await
        .map_err(|error| ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "ERR_STATE_BULK_GET", error.to_string()))?;
    let by_key: BTreeMap<_, _> = found.iter().map(|entry| (&entry.key, entry)).collect();
    let items: Vec<_> = wanted
        .keys
        .iter()
        .zip(&full_keys)
        .map(|(key, full_key)| table::as_bulk_item(key, by_key.get(full_key).copied()))
        .collect();
    let body = serde_json::to_vec(&items).map_err(ApiError::malformed)?;
    Ok(json_response(StatusCode::OK, body))
}

/// All operations or none.
pub(crate) async fn transact(
    sidecar: &Inner,
    app_id: &str,
    store: &str,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, ApiError> {
    let store = Store::find(sidecar, app_id, store)?;
    let transaction: Transaction = serde_json::from_slice(request.body()).map_err(ApiError::malformed)?;
    let mut shared = transaction.metadata;
    shared.extend(query_metadata(request.uri()));
    let mut writes = Vec::new();
    for operation in &transaction.operations {
        let item = &operation.request;
        let write = match operation.operation.as_str() {
            "upsert" => item.write(&shared),
            "delete" => item.removal(),
            other => {
                let message = format!("operation type {other} not supported");
                let code = "ERR_NOT_SUPPORTED_STATE_OPERATION";
                return Err(ApiError::new(StatusCode::BAD_REQUEST, code, message));
            }
        };
        writes.push((store.key(&item.key)?, write.map_err(not_transacted)?));
    }
    as_outcome(table::apply_all(&sidecar.database, store.name, &writes).await).map_err(not_transacted)?;
    Ok(empty_response(StatusCode::NO_CONTENT))
}

/// A state store as one app sees it.
struct Store<'a> {
    name: &'a str,
    prefix: Option<&'a str>,
}

impl<'a> Store<'a> {
    fn find(sidecar: &'a Inner, app_id: &'a str, name: &str) -> Result<Self, ApiError> {
        if let Some(component) = sidecar.resources.component("state", name, app_id) {
            return Ok(Self::of(component, app_id));
        }
        let any = sidecar.resources.visible("state", app_id).next().is_some();
        let (status, code, reason, what) = if any {
            (StatusCode::BAD_REQUEST, "ERR_STATE_STORE_NOT_FOUND", "DAPR_STATE_NOT_FOUND", "found")
        } else {
            (
                StatusCode::INTERNAL_SERVER_ERROR,
                "ERR_STATE_STORE_NOT_CONFIGURED",
                "DAPR_STATE_NOT_CONFIGURED",
                "configured",
            )
        };
        let message = format!("state store {name} is not {what}");
        let info = BTreeMap::from([("appID", app_id.to_owned())]);
        Err(ApiError::new(status, code, message).with_info(reason, info))
    }

    fn of(component: &'a Component, app_id: &'a str) -> Self {
        let prefix = match component.metadata.get("keyPrefix").map(String::as_str) {
            None | Some("" | "appid") => Some(app_id),
            Some("name") => Some(component.name.as_str()),
            Some("none") => None,
            other => other,
        };
        Self { name: &component.name, prefix }
    }

    fn key(&self, key: &str) -> Result<String, ApiError> {
        if key.contains("||") {
            let message =
                format!("api error: code = InvalidArgument desc = input key/keyPrefix '{key}' can't contain '||'");
            return Err(ApiError::new(StatusCode::BAD_REQUEST, "ERR_MALFORMED_REQUEST", message)
                .with_resource("state", self.name, "")
                .with_info("DAPR_STATE_ILLEGAL_KEY", BTreeMap::new()));
        }
        Ok(match self.prefix {
            Some(prefix) => format!("{prefix}||{key}"),
            None => key.to_owned(),
        })
    }
}

/// Why a change was not made.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("possible etag mismatch. error from state store")]
    EtagMismatch,
    #[error("possible etag mismatch. error from state store: {0}")]
    EtagInvalid(String),
    #[error("no item was updated")]
    NotFirst,
    #[error("unrecognized concurrency model '{0}'")]
    ConcurrencyInvalid(String),
    #[error("error parsing TTL: incorrect value for metadata 'ttlInSeconds': {0}")]
    TtlInvalid(String),
    #[error(transparent)]
    Database(DatabaseError),
}

impl Failure {
    fn status(&self) -> StatusCode {
        match self {
            Self::EtagMismatch | Self::EtagInvalid(_) => StatusCode::CONFLICT,
            Self::NotFirst | Self::ConcurrencyInvalid(_) | Self::TtlInvalid(_) | Self::Database(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }

    fn on_save(self, store: &str) -> ApiError {
        let message = format!("failed saving state in state store {store}: {self}");
        ApiError::new(self.status(), "ERR_STATE_SAVE", message)
    }
}

fn as_outcome(applied: Result<bool, DatabaseError>) -> Result<(), Failure> {
    match applied {
        Ok(true) => Ok(()),
        Ok(false) => Err(Failure::EtagMismatch),
        Err(error) => Err(Failure::Database(error)),
    }
}

fn not_transacted(failure: Failure) -> ApiError {
    ApiError::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "ERR_STATE_TRANSACTION",
        format!("error while executing state transaction: {failure}"),
    )
}

fn bad_request(reason: String) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, "ERR_MALFORMED_REQUEST", reason)
}
