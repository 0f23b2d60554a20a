//! Secrets: `/v1.0/secrets/{store}/{name}` and `/v1.0/secrets/{store}/bulk`.
//!
//! A secret has keys, as in Kubernetes: `model:api-key` is the key `api-key` of the secret `model`.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Response, StatusCode};

use crate::Inner;
use crate::error::{ApiError, json_response};

type Keys<'a> = BTreeMap<&'a str, &'a str>;

/// The keys of one secret, or one key by its full name.
pub(crate) fn get(sidecar: &Inner, app_id: &str, store: &str, name: &str) -> Result<Response<Bytes>, ApiError> {
    check_store(sidecar, app_id, store)?;
    let keys = match sidecar.secrets.get_key_value(name) {
        Some((name, value)) => Keys::from([(name.as_str(), value.as_str())]),
        None => all(sidecar).remove(name).unwrap_or_default(),
    };
    if keys.is_empty() {
        return Err(ApiError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "ERR_SECRET_GET",
            format!("failed getting secret with key {name} from secret store {store}: secret {name} not found"),
        ));
    }
    Ok(as_json(&keys))
}

/// Every secret with its keys.
pub(crate) fn bulk(sidecar: &Inner, app_id: &str, store: &str) -> Result<Response<Bytes>, ApiError> {
    check_store(sidecar, app_id, store)?;
    Ok(as_json(&all(sidecar)))
}

fn all(sidecar: &Inner) -> BTreeMap<&str, Keys<'_>> {
    let mut secrets: BTreeMap<&str, Keys<'_>> = BTreeMap::new();
    for (full_name, value) in &sidecar.secrets {
        let (name, key) = full_name.split_once(':').unwrap_or((full_name.as_str(), full_name.as_str()));
        secrets.entry(name).or_default().insert(key, value);
    }
    secrets
}

fn check_store(sidecar: &Inner, app_id: &str, store: &str) -> Result<(), ApiError> {
    let mut stores = sidecar.resources.visible("secretstores", app_id).peekable();
    if stores.peek().is_none() {
        return Err(ApiError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "ERR_SECRET_STORES_NOT_CONFIGURED",
            "secret store is not configured",
        ));
    }
    if stores.any(|component| component.name == store) {
        return Ok(());
    }
    Err(ApiError::new(
        StatusCode::UNAUTHORIZED,
        "ERR_SECRET_STORE_NOT_FOUND",
        format!("failed finding secret store with key {store}"),
    ))
}

fn as_json(value: &impl serde::Serialize) -> Response<Bytes> {
    let body = serde_json::to_vec(value).expect("maps of texts are always JSON");
    json_response(StatusCode::OK, body)
}
