//! Values that a schema allows, and such values spoilt.

use fastrand::Rng;
use serde_json::{Map, Value, json};
use support::openapi::{Operation, resolved};

/// The schema of an operation's JSON body.
pub fn body_schema(operation: &Operation) -> Option<&Value> {
    Some(&operation.body.as_ref()?["content"]["application/json"]["schema"])
}

/// A value that `schema` allows. Texts are letters: which others are trimmed or refused, a schema does not say.
pub fn wanted(random: &mut Rng, schema: &Value) -> Value {
    let schema = resolved(schema);
    if let Some(choices) = schema["oneOf"].as_array().or(schema["enum"].as_array()) {
        let choice = &choices[random.usize(..choices.len())];
        return if schema["enum"].is_array() { choice.clone() } else { wanted(random, choice) };
    }
    if let Some(value) = schema.get("const") {
        return value.clone();
    }
    match type_of(random, schema) {
        "object" => object(random, schema),
        "array" => {
            let (least, most) = (limit(schema, "minItems", 0), limit(schema, "maxItems", 3).min(3));
            (0..random.usize(least..=most)).map(|_| wanted(random, &schema["items"])).collect::<Vec<_>>().into()
        }
        "string" => match schema["format"].as_str() {
            Some("uuid") => json!(uuid::Builder::from_random_bytes(std::array::from_fn(|_| random.u8(..))).into_uuid()),
            Some("date-time") => json!(format!(
                "2{:03}-0{}-1{}T0{}:00:00+0{}:30",
                random.u32(100..999),
                random.u32(1..9),
                random.u32(..9),
                random.u32(..9),
                random.u32(..9)
            )),
            Some("email") => json!("ada@example.com"),
            _ => {
                let length =
                    random.usize(limit(schema, "minLength", 0).max(1)..=limit(schema, "maxLength", 30).min(60));
                json!(std::iter::repeat_with(|| random.alphabetic()).take(length).collect::<String>())
            }
        },
        "integer" => json!(random.u32(1..100)),
        "boolean" => json!(random.bool()),
        _ => Value::Null,
    }
}

fn type_of<'a>(random: &mut Rng, schema: &'a Value) -> &'a str {
    match &schema["type"] {
        Value::String(name) => name,
        Value::Array(names) => names[random.usize(..names.len())].as_str().expect("a type"),
        _ => "null",
    }
}

fn limit(schema: &Value, name: &str, default: usize) -> usize {
    schema[name].as_u64().and_then(|limit| limit.try_into().ok()).unwrap_or(default)
}

fn object(random: &mut Rng, schema: &Value) -> Value {
    let mut object = Map::new();
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let is_required = schema["required"].as_array().is_some_and(|required| required.contains(&json!(name)));
        if is_required || random.bool() {
            object.insert(name.clone(), wanted(random, property));
        }
    }
    Value::Object(object)
}

/// A value that `schema` most probably does not allow.
pub fn unwanted(random: &mut Rng, schema: &Value) -> Value {
    let mut value = wanted(random, schema);
    for _ in 0..random.usize(1..=2) {
        spoil(random, &mut value);
    }
    value
}

/// Changes something somewhere in `value`.
fn spoil(random: &mut Rng, value: &mut Value) {
    match value {
        Value::Object(fields) if random.u8(..8) != 0 => spoil_object(random, fields),
        Value::Array(items) if !items.is_empty() && random.bool() => {
            let index = random.usize(..items.len());
            spoil(random, &mut items[index]);
        }
        Value::Array(items) if random.bool() => {
            let item = items.first().cloned().unwrap_or_else(|| strange(random));
            items.resize(random.usize(2..1_100), item);
        }
        _ => *value = strange(random),
    }
}

fn spoil_object(random: &mut Rng, fields: &mut Map<String, Value>) {
    let names: Vec<String> = fields.keys().cloned().collect();
    match names.get(random.usize(..=names.len())) {
        Some(name) if random.u8(..4) == 0 => drop(fields.remove(name)),
        Some(name) => spoil(random, &mut fields[name]),
        None => drop(fields.insert(text(random), strange(random))),
    }
}

/// A value that few expect.
fn strange(random: &mut Rng) -> Value {
    match random.u8(..12) {
        0 => Value::Null,
        1 => json!(random.bool()),
        2 => json!(random.i64(..)),
        3 => json!(random.f64() * 1e300),
        4 => json!([]),
        5 => json!({}),
        6 => json!([[[{ "a": [Value::Null] }]]]),
        7 => json!("x".repeat(random.usize(..12_000))),
        8 => json!(""),
        _ => json!(text(random)),
    }
}

/// A text that somebody might try.
pub fn text(random: &mut Rng) -> String {
    const TEXTS: [&str; 20] = [
        "",
        " ",
        "\u{0}",
        "a\nb",
        "' or '1'='1",
        "'; drop table tasks; --",
        "\\",
        "%00",
        "../../etc/passwd",
        "{}",
        "null",
        "-1",
        "1e9",
        "99999999999999999999999999",
        "🙂🙂",
        "\u{202e}abc",
        "\u{feff}",
        "NaN",
        "2026-02-30T00:00:00Z",
        "<script>alert(1)</script>",
    ];
    match random.u8(..4) {
        0 => {
            let length = random.usize(1..40);
            std::iter::repeat_with(|| random.char(..)).take(length).collect()
        }
        1 => "x".repeat(random.usize(1..3_000)),
        _ => TEXTS[random.usize(..TEXTS.len())].to_owned(),
    }
}
