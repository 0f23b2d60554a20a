//! Tasks as CSV (RFC 4180, with a header row).
//!
//! A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula and runs it. Such cells go out with an
//! apostrophe before them, which spreadsheets don't show, and lose it again when they come in.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Problem;
use crate::form::Form;

const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A row, in the order of its columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Row {
    id: String,
    title: String,
    description: Option<String>,
    status: String,
    priority: String,
    tags: Vec<String>,
    due_at: Option<String>,
    completed_at: Option<String>,
    created_at: String,
}

const COLUMNS: [&str; 9] =
    ["id", "title", "description", "status", "priority", "tags", "due_at", "completed_at", "created_at"];

/// `rows` as CSV.
///
/// # Errors
/// None, as it is written into memory.
pub(super) fn write(rows: &[Row]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(COLUMNS)?;
    for row in rows {
        let absent = String::new();
        writer.write_record([
            &row.id,
            &harmless(&row.title),
            &harmless(row.description.as_ref().unwrap_or(&absent)),
            &row.status,
            &row.priority,
            &harmless(&row.tags.join(",")),
            row.due_at.as_ref().unwrap_or(&absent),
            row.completed_at.as_ref().unwrap_or(&absent),
            &row.created_at,
        ])?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

fn harmless(text: &str) -> String {
    // What begins with apostrophes before a formula gets one too, or it would lose one on the way back.
    if text.trim_start_matches('\'').starts_with(FORMULA) { format!("'{text}") } else { text.to_owned() }
}

fn as_meant(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.trim_start_matches('\'').starts_with(FORMULA) => rest,
        _ => cell,
    }
}

/// The rows of `bytes` as forms, each still to be looked at; an empty cell is an absent field.
///
/// # Errors
/// It is no CSV in UTF-8, or a column has a name that no field has.
pub(super) fn forms(bytes: &[u8]) -> Result<Vec<Form>, Problem> {
    let unreadable = |error: csv::Error| Problem::bad_request(format!("The body is not CSV in UTF-8: {error}."));
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut reader = csv::Reader::from_reader(bytes);
    let columns = reader.headers().map_err(unreadable)?.clone();
    if let Some(unknown) = columns.iter().find(|column| !COLUMNS.contains(&column.trim())) {
        return Err(Problem::invalid_value(unknown, format!("is no column; there are {}", COLUMNS.join(", "))));
    }
    let mut forms = Vec::new();
    for (index, record) in reader.records().enumerate() {
        let record = record.map_err(unreadable)?;
        let fields: Map<String, Value> = columns
            .iter()
            .zip(record.iter())
            .filter(|(_, cell)| !cell.is_empty())
            .map(|(column, cell)| field(column.trim(), as_meant(cell)))
            .collect();
        let form = Form::of(Value::Object(fields), format!("rows.{}.", index + 1));
        forms.push(form.map_err(|error| Problem::invalid(vec![error]))?);
    }
    Ok(forms)
}

fn field(column: &str, cell: &str) -> (String, Value) {
    let value = match column {
        "tags" => cell.split(',').map(|tag| Value::from(tag.trim())).filter(|tag| *tag != "").collect(),
        _ => Value::from(cell),
    };
    (column.to_owned(), value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_go_out_harmless_and_come_back_as_they_were() {
        for text in ["=1+1", "'=1+1", "''@x", "-5 degrees", "'tis", "plain", "\u{1f642} +1"] {
            let cell = harmless(text);
            assert!(!cell.starts_with(FORMULA), "{cell}");
            assert_eq!(as_meant(&cell), text);
        }
    }

    #[test]
    fn quotes_commas_and_line_ends_survive() {
        let row = Row {
            id: "1".into(),
            title: "say \"hi\", twice".into(),
            description: Some("one\ntwo".into()),
            status: "pending".into(),
            priority: "High".into(),
            tags: vec!["a".into(), "b c".into()],
            due_at: None,
            completed_at: None,
            created_at: "2026-01-01T00:00:00Z".into(),
        };
        let written = write(std::slice::from_ref(&row)).expect("written");
        let mut forms = forms(&written).expect("read");
        let mut form = forms.remove(0);
        assert_eq!(form.take("title"), Some(Value::from(row.title)));
        assert_eq!(form.take("description"), Some(Value::from("one\ntwo")));
        assert_eq!(form.take("tags"), Some(serde_json::json!(["a", "b c"])));
        assert_eq!(form.take("due_at"), None);
    }
}
