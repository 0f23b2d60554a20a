//! Secrets: `/v1.0/secrets/{store}/{name}` and `/v1.0/secrets/{store}/bulk`.
//!
//! A secret has one key, its name, as in `secretstores.local.file`: `model:api-key` is a name like any other.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Response, StatusCode};

use crate::Inner;
use crate::error::{ApiError, json_response};

/// One secret, with its key.
pub(crate) fn get(sidecar: &Inner, app_id: &str, store: &str, name: &str) -> Result<Response<Bytes>, ApiError> {
    check_store(sidecar, app_id, store)?;
    let value = sidecar.secrets.get(name).ok_or_else(|| {
        ApiError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "ERR_SECRET_GET",
            format!("failed getting secret with key {name} from secret store {store}: secret {name} not found"),
        )
    })?;
    Ok(as_json(&BTreeMap::from([(name, value)])))
}

/// Every secret.
pub(crate) fn bulk(sidecar: &Inner, app_id: &str, store: &str) -> Result<Response<Bytes>, ApiError> {
    check_store(sidecar, app_id, store)?;
    let secrets = sidecar.secrets.iter().map(|(name, value)| (name, BTreeMap::from([(name, value)])));
    Ok(as_json(&secrets.collect::<BTreeMap<_, _>>()))
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
