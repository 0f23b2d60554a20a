//! The variables of `spin.toml` and where their values come from.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use rondo_runtime::variables::from_environment;
use serde::Deserialize;

use crate::database::Address;
use crate::secrets::Secrets;

/// Where components believe their sidecar to be; it is answered inside this process.
pub const SIDECAR_AUTHORITY: &str = "127.0.0.1:3500";

/// The service that a component shared by all of them speaks as, where one process is all of them.
pub const MAIN_SERVICE: &str = "backend";

/// Values by name.
pub type Variables = BTreeMap<String, String>;

/// Those of a run with the embedded sidecar.
pub fn of_embedded_run(database_url: &str, secrets: &Secrets) -> anyhow::Result<Variables> {
    let mut variables = of_database(database_url)?;
    let sidecar = [
        ("dapr_url", format!("http://{SIDECAR_AUTHORITY}")),
        ("dapr_api_token", secrets.dapr_api_token.clone()),
        ("app_api_token", secrets.app_api_token.clone()),
        ("jwt_keys", secrets.jwt_keys.clone()),
        ("vapid_private_key", secrets.vapid_private_key.clone()),
        ("service_name", MAIN_SERVICE.to_owned()),
    ];
    variables.extend(sidecar.map(|(name, value)| (name.to_owned(), value)));
    Ok(variables)
}

/// Those that a person said: on the command line, or else in the environment.
pub fn said(on_the_command_line: &[(String, String)]) -> Variables {
    let mut variables = from_environment();
    variables.extend(on_the_command_line.iter().cloned());
    variables
}

/// Those that say where the database is.
pub fn of_database(url: &str) -> anyhow::Result<Variables> {
    let Address { host, port } = Address::of(url)?;
    let values = [("database_url", url.to_owned()), ("database_host", host), ("database_port", port.to_string())];
    Ok(values.map(|(name, value)| (name.to_owned(), value)).into())
}

#[derive(Deserialize)]
struct RuntimeConfig {
    #[serde(default)]
    variable_provider: Vec<Provider>,
}

#[derive(Deserialize)]
struct Provider {
    r#type: String,
    #[serde(default)]
    values: Variables,
}

/// Those of a runtime configuration file as Spin reads it, of which `static` providers are supported.
pub fn of_file(path: &Path) -> anyhow::Result<Variables> {
    let name = path.display();
    let text = fs::read_to_string(path).with_context(|| name.to_string())?;
    of_text(&text).with_context(|| name.to_string())
}

/// An earlier provider stands before a later one.
fn of_text(text: &str) -> anyhow::Result<Variables> {
    let config: RuntimeConfig = toml::from_str(text)?;
    let mut variables = Variables::new();
    for provider in config.variable_provider {
        if provider.r#type != "static" {
            bail!("the variable provider `{}` is not supported here: only `static` is", provider.r#type);
        }
        for (name, value) in provider.values {
            variables.entry(name).or_insert(value);
        }
    }
    Ok(variables)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn static_values_are_read_and_the_first_provider_wins() {
        let text = "
            [[variable_provider]]
            type = \"static\"
            values = { service_name = \"backend\" }
            [[variable_provider]]
            type = \"static\"
            values = { service_name = \"other\", dapr_url = \"http://127.0.0.1:3501\" }
        ";
        let variables = of_text(text).expect("valid");
        assert_eq!(variables["service_name"], "backend");
        assert_eq!(variables["dapr_url"], "http://127.0.0.1:3501");
    }

    #[test]
    fn a_provider_that_is_not_supported_is_named() {
        let error = of_text("[[variable_provider]]\ntype = \"vault\"").expect_err("unsupported").to_string();
        assert!(error.contains("vault"), "{error}");
    }
}
