//! What passes between an application and its sidecars, embedded or real.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use jiff::Timestamp;
use rondo_sidecar::Sidecar;
use serde_json::Value;

use crate::app::{Embedded, Topology};
use crate::glue::{APP_API_TOKEN, DAPR_API_TOKEN, HostApps, sidecar_config};
use crate::{App, Call, Reply};

impl App {
    /// Puts a sidecar in its place.
    pub async fn start_sidecar(&self) {
        let Embedded { host, sidecar, .. } = self.embedded();
        let config = sidecar_config(&self.owner_url);
        let apps = Arc::new(HostApps(Arc::downgrade(host)));
        sidecar.put(Some(Sidecar::start(config, apps).await.expect("a sidecar")));
    }

    /// Takes the sidecar away, as if it had been killed.
    pub fn kill_sidecar(&self) {
        if let Some(sidecar) = self.embedded().sidecar.put(None) {
            sidecar.kill();
        }
    }

    /// Proves a sidecar to its app.
    pub fn app_api_token(&self) -> &str {
        match &self.topology {
            Topology::Embedded(_) => APP_API_TOKEN,
            Topology::Lane(lane) => &lane.app_api_token,
        }
    }

    /// Proves an app to its sidecar.
    pub fn dapr_api_token(&self) -> &str {
        match &self.topology {
            Topology::Embedded(_) => DAPR_API_TOKEN,
            Topology::Lane(lane) => &lane.dapr_api_token,
        }
    }

    /// Asks a sidecar something, as its app does.
    pub async fn ask_sidecar(&self, app_id: &str, method: Method, path: &str, media_type: &str, body: &str) -> Reply {
        let address = match &self.topology {
            Topology::Embedded(embedded) => {
                let request = Request::builder().method(method).uri(path).header("dapr-api-token", DAPR_API_TOKEN);
                let body = Bytes::copy_from_slice(body.as_bytes());
                let request = request.header("content-type", media_type).body(body).expect("a request");
                return reply(embedded.sidecar.get().expect("a sidecar").handle(app_id, request).await);
            }
            Topology::Lane(lane) => lane.sidecar(app_id),
        };
        let call = Call::new(address, None, method, path.to_owned()).header("dapr-api-token", self.dapr_api_token());
        call.body(media_type, body.to_owned()).await
    }

    /// A job that an app has registered, as its sidecar shows it.
    pub async fn job(&self, app_id: &str, name: &str) -> Option<Value> {
        let path = format!("/v1.0/jobs/{name}");
        let shown = self.ask_sidecar(app_id, Method::GET, &path, "application/json", "").await;
        // That is how Dapr says that there is none.
        if shown.status == StatusCode::INTERNAL_SERVER_ERROR && shown.json.to_string().contains("job not found") {
            return None;
        }
        Some(shown.is(200).json)
    }

    /// When a job that comes once is due, and what it brings along.
    pub async fn one_shot(&self, app_id: &str, name: &str) -> Option<(Timestamp, String)> {
        let job = self.job(app_id, name).await?;
        let due = job["dueTime"].as_str().expect("a time").parse().expect("a time");
        Some((due, job["data"]["value"].to_string()))
    }

    /// Has the scheduler forget a job.
    pub async fn lose_job(&self, app_id: &str, name: &str) {
        let path = format!("/v1.0/jobs/{name}");
        self.ask_sidecar(app_id, Method::DELETE, &path, "application/json", "").await.is(204);
    }

    /// Hands a request to an app as its sidecar does, with its token.
    pub async fn deliver(&self, app_id: &str, path: &str, body: &str) -> Reply {
        match &self.topology {
            Topology::Embedded(_) => reply(self.deliver_as("delivery", app_id, path, body).await.expect("an answer")),
            Topology::Lane(lane) => {
                let call = Call::new(lane.service(app_id), None, Method::POST, path.to_owned());
                let call = call.header("dapr-api-token", &lane.app_api_token);
                call.body("application/cloudevents+json", body.to_owned()).await
            }
        }
    }

    /// The same as the request `id`; nothing is answered if the component dies over it.
    pub async fn deliver_as(&self, id: &str, app_id: &str, path: &str, body: &str) -> Option<Response<Bytes>> {
        let request = Request::post(path)
            .header("x-request-id", id)
            .header("content-type", "application/cloudevents+json")
            .header("dapr-api-token", APP_API_TOKEN)
            .header("content-length", body.len())
            .body(Bytes::copy_from_slice(body.as_bytes()))
            .expect("a request");
        self.embedded().host.call_app(app_id, request).await.ok()
    }

    /// What an app says to an event.
    pub async fn verdict(&self, app_id: &str, route: &str, event: &str) -> Value {
        self.deliver(app_id, route, event).await.is(200)["status"].clone()
    }

    /// Asks an app something, as a cluster's probe does.
    pub async fn probe(&self, app_id: &str, path: &str) -> Reply {
        match &self.topology {
            Topology::Lane(lane) => Call::new(lane.service(app_id), None, Method::GET, path.to_owned()).await,
            Topology::Embedded(embedded) => {
                let request = Request::get(path).body(Bytes::new()).expect("a request");
                reply(embedded.host.call_app(app_id, request).await.expect("an answer"))
            }
        }
    }
}

fn reply(response: Response<Bytes>) -> Reply {
    let (head, body) = response.into_parts();
    let json = serde_json::from_slice(&body).unwrap_or_default();
    Reply { status: head.status, headers: head.headers, body, json }
}
