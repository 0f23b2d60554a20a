//! The OpenAPI document as tests use it: where an operation is, and whether a reply is one that it announces.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::io::Write;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use boon::{Compiler, SchemaIndex, Schemas};
use http::{HeaderMap, Method, StatusCode};
use serde_json::{Value, json};

use crate::postgres::scratch_folder;

/// Where the pairs of operation and status that some test saw are noted, for the test that asks for all of them.
const SEEN: &str = "e2e-seen-replies.txt";

/// The document.
pub static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(rondo_web_api::api::OPENAPI).expect("the OpenAPI document is JSON"));

static OPERATIONS: LazyLock<BTreeMap<String, Operation>> = LazyLock::new(read_operations);
static VALIDATORS: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);
static NOTED: LazyLock<Mutex<(File, BTreeSet<String>)>> = LazyLock::new(|| {
    let file = File::create(scratch_folder(SEEN)).expect("a file for what was seen");
    Mutex::new((file, BTreeSet::new()))
});

/// An operation of the document.
pub struct Operation {
    pub id: String,
    pub method: Method,
    /// With its parameters in braces.
    pub path: String,
    /// Its parameters and its body, references resolved.
    pub parameters: Vec<Value>,
    pub body: Option<Value>,
    pub needs_token: bool,
    replies: BTreeMap<u16, Value>,
}

/// The operation of this id.
pub fn operation(id: &str) -> &'static Operation {
    OPERATIONS.get(id).unwrap_or_else(|| panic!("the OpenAPI document has no operation {id}"))
}

/// All operations.
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    OPERATIONS.values()
}

/// What `schema` refers to, if it refers.
pub fn resolved(value: &Value) -> &Value {
    match value["$ref"].as_str() {
        Some(reference) => {
            resolved(DOCUMENT.pointer(reference.trim_start_matches('#')).expect("a reference leads somewhere"))
        }
        None => value,
    }
}

impl Operation {
    /// Holds a reply against the document, and notes that it was seen.
    ///
    /// # Panics
    /// Where the document does not announce such a reply.
    pub fn check(&'static self, status: StatusCode, headers: &HeaderMap, body: Body<'_>) {
        let Self { id, .. } = self;
        let announced = self.replies.get(&status.as_u16());
        let announced =
            announced.unwrap_or_else(|| panic!("{id} answers {status}, which is not in the document: {body:?}"));
        for name in announced["headers"].as_object().into_iter().flat_map(|headers| headers.keys()) {
            assert!(headers.contains_key(name.as_str()), "{id} answers {status} without the header {name}");
        }
        match announced["content"].as_object() {
            None => assert!(matches!(body, Body::Whole(b"")), "{id} answers {status} with a body: {body:?}"),
            Some(content) => check_content(&format!("{id} {status}"), content, headers, body),
        }
        self.note(status.as_u16());
    }

    /// Notes that some test saw this status.
    fn note(&self, status: u16) {
        let mut noted = NOTED.lock().unwrap_or_else(PoisonError::into_inner);
        let line = format!("{} {status}", self.id);
        if noted.1.insert(line.clone()) {
            writeln!(noted.0, "{line}").expect("noted");
        }
    }

    /// Notes a 405 for all operations of a path, which share it.
    pub fn note_wrong_method(&self) {
        for operation in operations().filter(|operation| operation.path == self.path) {
            operation.note(405);
        }
    }
}

/// The body of a reply.
#[derive(Debug, Clone, Copy)]
pub enum Body<'a> {
    Whole(&'a [u8]),
    /// It comes in pieces, and never ends.
    Streamed,
}

fn check_content(what: &str, content: &serde_json::Map<String, Value>, headers: &HeaderMap, body: Body<'_>) {
    let given = headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = given.split(';').next().unwrap_or_default();
    let announced = content.get(media_type);
    let announced =
        announced.unwrap_or_else(|| panic!("{what} comes as {given:?}, which is not in the document: {body:?}"));
    let Body::Whole(bytes) = body else { return };
    let value = if media_type.ends_with("json") {
        serde_json::from_slice(bytes).unwrap_or_else(|error| panic!("{what} is no JSON: {error}"))
    } else {
        Value::String(String::from_utf8(bytes.to_vec()).unwrap_or_else(|error| panic!("{what} is no UTF-8: {error}")))
    };
    if let Err(wrong) = validator(&announced["schema"]).validate(&value) {
        panic!("{what} is not what the document says: {wrong} in {value:#}");
    }
}

/// A schema of the document, compiled.
pub struct Validator {
    schemas: Schemas,
    root: SchemaIndex,
}

impl Validator {
    /// Whether a value is as the schema says, or what is wrong with it.
    pub fn validate(&self, value: &Value) -> Result<(), String> {
        self.schemas.validate(value, self.root).map_err(|error| format!("{error:#}"))
    }

    fn compile(schema: &Value) -> Self {
        const PLACE: &str = "urn:e2e:schema";
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.enable_format_assertions();
        let resource = json!({ "components": DOCUMENT["components"], "allOf": [schema] });
        compiler.add_resource(PLACE, resource).expect("a resource");
        let root = compiler.compile(PLACE, &mut schemas).expect("a schema");
        Self { schemas, root }
    }
}

/// What holds values against a schema of the document; compiled once.
pub fn validator(schema: &Value) -> Arc<Validator> {
    let mut validators = VALIDATORS.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(validators.entry(schema.to_string()).or_insert_with(|| Arc::new(Validator::compile(schema))))
}

fn read_operations() -> BTreeMap<String, Operation> {
    let paths = DOCUMENT["paths"].as_object().expect("paths");
    let operations = paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().expect("methods");
        methods.iter().map(move |(method, operation)| read_operation(path, method, operation))
    });
    operations.map(|operation| (operation.id.clone(), operation)).collect()
}

fn read_operation(path: &str, method: &str, operation: &Value) -> Operation {
    let replies = operation["responses"].as_object().expect("responses").iter();
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    Operation {
        id: operation["operationId"].as_str().expect("an operation has an id").to_owned(),
        method: method.to_uppercase().parse().expect("a method"),
        path: path.to_owned(),
        parameters: parameters.map(|parameter| resolved(parameter).clone()).collect(),
        body: operation.get("requestBody").map(|body| resolved(body).clone()),
        needs_token: operation.get("security") != Some(&json!([])),
        replies: replies.map(|(status, reply)| (status.parse().expect("a status"), resolved(reply).clone())).collect(),
    }
}
