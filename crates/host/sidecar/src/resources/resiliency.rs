//! Resiliency for what comes in through a pub/sub: retries and time-outs.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use super::{Document, in_scope};
use crate::duration::parse_go_unsigned;

/// What a delivery is given before it counts as failed for good.
#[derive(Debug, Clone, Default)]
pub(crate) struct Policy {
    pub(crate) retry: Option<Retry>,
    pub(crate) timeout: Option<Duration>,
}

/// How often, and how long apart.
#[derive(Debug, Clone)]
pub(crate) struct Retry {
    backoff: Backoff,
    /// `None` is for ever.
    max_retries: Option<u32>,
}

#[derive(Debug, Clone)]
enum Backoff {
    Constant(Duration),
    Exponential { longest: Duration },
}

impl Retry {
    /// How long to wait before the next try, after so many that failed; `None` when it was the last.
    pub(crate) fn delay_after(&self, failures: u32) -> Option<Duration> {
        if self.max_retries.is_some_and(|most| failures > most) {
            return None;
        }
        Some(match self.backoff {
            Backoff::Constant(delay) => delay,
            Backoff::Exponential { longest } => exponential(failures).min(longest),
        })
    }
}

/// Half a second, half as much again each time.
fn exponential(failures: u32) -> Duration {
    let factor = 1.5_f64.powi(failures.saturating_sub(1).min(40) as i32);
    Duration::from_millis(500).mul_f64(factor)
}

/// One Resiliency resource.
#[derive(Debug)]
pub(super) struct Resiliency {
    scopes: Vec<String>,
    inbound: BTreeMap<String, Policy>,
}

impl Resiliency {
    pub(super) fn parse(document: Document) -> Result<Self, String> {
        let scopes = document.scopes.clone();
        let (name, spec): (_, Spec) = document.into_spec()?;
        let mut inbound = BTreeMap::new();
        for (component, target) in &spec.targets.components {
            if let Some(target) = &target.inbound {
                let policy = spec.policies.resolve(target).map_err(|reason| format!("Resiliency {name}: {reason}"))?;
                inbound.insert(component.clone(), policy);
            }
        }
        Ok(Self { scopes, inbound })
    }

    pub(super) fn inbound(&self, app_id: &str, component: &str) -> Option<Policy> {
        if !in_scope(&self.scopes, app_id) {
            return None;
        }
        self.inbound.get(component).cloned()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Spec {
    #[serde(default)]
    policies: Policies,
    targets: Targets,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Policies {
    #[serde(default)]
    retries: BTreeMap<String, RetrySpec>,
    #[serde(default)]
    timeouts: BTreeMap<String, String>,
}

impl Policies {
    fn resolve(&self, target: &Direction) -> Result<Policy, String> {
        let retry = match &target.retry {
            None => None,
            Some(name) => {
                let spec = self.retries.get(name).ok_or(format!("no retry policy {name}"))?;
                Some(spec.parse().ok_or(format!("retry policy {name} is wrong"))?)
            }
        };
        let timeout = match &target.timeout {
            None => None,
            Some(name) => {
                let text = self.timeouts.get(name).ok_or(format!("no timeout {name}"))?;
                Some(parse_go_unsigned(text).ok_or(format!("timeout {name} is wrong"))?)
            }
        };
        Ok(Policy { retry, timeout })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RetrySpec {
    policy: String,
    duration: Option<String>,
    max_interval: Option<String>,
    max_retries: Option<i64>,
}

impl RetrySpec {
    fn parse(&self) -> Option<Retry> {
        let or_default = |text: &Option<String>, seconds| match text {
            Some(text) => parse_go_unsigned(text),
            None => Some(Duration::from_secs(seconds)),
        };
        let backoff = match self.policy.as_str() {
            "constant" => Backoff::Constant(or_default(&self.duration, 5)?),
            "exponential" => Backoff::Exponential { longest: or_default(&self.max_interval, 60)? },
            _ => return None,
        };
        let max_retries = u32::try_from(self.max_retries.unwrap_or(-1)).ok();
        Some(Retry { backoff, max_retries })
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Targets {
    #[serde(default)]
    components: BTreeMap<String, ComponentTarget>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ComponentTarget {
    inbound: Option<Direction>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Direction {
    retry: Option<String>,
    timeout: Option<String>,
}
