//! What the yardstick's endpoints run on: the pool, and the sidecar that Rondo's host has, in the same process.

use std::thread;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use jiff::Timestamp;
use rondo_ports::{
    Alarm, Answer, Clock, Document, Entropy, Files, Http, HttpError, Invocation, Invoked, Message, MissingVariable,
    Outbound, Registered, Settings, SidecarError, Sql, SqlError,
};
use rondo_sidecar::Sidecar;

use super::consumers::APP_API_TOKEN;
use super::pool::Pool;

/// As which app the yardstick speaks to the sidecar.
const APP_ID: &str = "backend";

/// The ports, natively.
pub struct NativePlatform {
    pub pool: Pool,
    pub sidecar: Sidecar,
}

impl NativePlatform {
    async fn ask(&self, method: Method, path: &str, media_type: &str, body: Bytes) -> Asked {
        let request = Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, media_type).body(body);
        let request = request.map_err(|error| SidecarError::Away(error.to_string()))?;
        let response = self.sidecar.handle(APP_ID, request).await;
        let status = response.status();
        if status.is_success() || status == StatusCode::CONFLICT {
            return Ok(response);
        }
        let body = String::from_utf8_lossy(response.body()).into_owned();
        Err(SidecarError::Refused { status: status.as_u16(), body })
    }

    async fn ask_in_json(&self, method: Method, path: &str, body: &serde_json::Value) -> Asked {
        self.ask(method, path, "application/json", body.to_string().into()).await
    }
}

type Asked = Result<Response<Bytes>, SidecarError>;

impl Sql for NativePlatform {
    async fn call(&self, statement: &str, parameters: &[Option<&str>]) -> Result<Document, SqlError> {
        self.pool.call(statement, parameters).await
    }
}

impl rondo_ports::Sidecar for NativePlatform {
    async fn publish(&self, messages: &[Message]) -> Vec<Result<(), SidecarError>> {
        let mut outcomes = Vec::with_capacity(messages.len());
        for Message { topic, partition_key, cloud_event } in messages {
            let path = format!("/v1.0/publish/pubsub-kafka/{topic}?metadata.partitionKey={partition_key}");
            let event = Bytes::copy_from_slice(cloud_event.as_bytes());
            outcomes.push(self.ask(Method::POST, &path, "application/cloudevents+json", event).await.map(drop));
        }
        outcomes
    }

    async fn ensure_job(&self, name: &str, job: &serde_json::Value) -> Result<Registered, SidecarError> {
        let response = self.ask_in_json(Method::POST, &format!("/v1.0/jobs/{name}"), job).await?;
        Ok(if response.status() == StatusCode::CONFLICT { Registered::Before } else { Registered::New })
    }

    async fn set_alarms(&self, jobs: &[Alarm]) -> Vec<Result<(), SidecarError>> {
        let mut outcomes = Vec::with_capacity(jobs.len());
        for alarm in jobs {
            let path = format!("/v1.0/jobs/{}", alarm.name);
            outcomes.push(self.ask_in_json(Method::POST, &path, &alarm.to_json()).await.map(drop));
        }
        outcomes
    }

    async fn ping(&self) -> Result<(), SidecarError> {
        self.ask_in_json(Method::GET, "/v1.0/healthz/outbound", &serde_json::Value::Null).await.map(drop)
    }

    async fn delete_job(&self, name: &str) -> Result<(), SidecarError> {
        let path = format!("/v1.0/jobs/{name}");
        self.ask_in_json(Method::DELETE, &path, &serde_json::Value::Null).await.map(drop)
    }

    async fn invoke(&self, app: &str, request: &Invocation<'_>) -> Result<Invoked, SidecarError> {
        let path = format!("/v1.0/invoke/{app}/method{}", request.target);
        let (method, body) = match request.body {
            Some(body) => (Method::POST, body),
            None => (Method::GET, &serde_json::Value::Null),
        };
        let response = self.ask_in_json(method, &path, body).await?;
        Ok(Invoked { status: response.status().as_u16(), body: response.into_body().into() })
    }
}

/// None of the endpoints that are measured calls anybody's server.
impl Http for NativePlatform {
    async fn post(&self, requests: &[Outbound]) -> Vec<Result<Answer, HttpError>> {
        requests.iter().map(|_| Err(HttpError::NotAllowed)).collect()
    }
}

impl Clock for NativePlatform {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn sleep_until(&self, instant: Timestamp) {
        if let Ok(wait) = instant.duration_since(self.now()).try_into() {
            thread::sleep(wait);
        }
    }
}

impl Entropy for NativePlatform {
    fn fill(&self, buffer: &mut [u8]) {
        getrandom::fill(buffer).expect("the system has random bytes");
    }
}

impl Settings for NativePlatform {
    fn variable(&self, name: &str) -> Result<String, MissingVariable> {
        match name {
            "app_api_token" => Ok(APP_API_TOKEN.to_owned()),
            _ => Err(MissingVariable(name.to_owned())),
        }
    }
}

impl Files for NativePlatform {
    fn read(&self, _: &str) -> Option<Vec<u8>> {
        None
    }
}
