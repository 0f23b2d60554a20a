//! Variables: what the application declares, what the components get of it, and the `{{ templates }}` in between.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A variable that the application declares; without a default its value must be given.
#[derive(Clone, Debug)]
pub struct Declaration {
    /// What it is when nobody says.
    pub default: Option<String>,
    /// Whether its value must appear in no log.
    pub secret: bool,
}

/// A value is missing, or a text is no template.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum VariableError {
    /// A required variable has no value.
    #[error("the variable `{0}` is required and has no value: set SPIN_VARIABLE_{upper} or say --variable {0}=…", upper = .0.to_uppercase())]
    Missing(String),
    /// A template names a variable that the application does not declare.
    #[error("the variable `{0}` is not declared in [variables]")]
    Undeclared(String),
    /// A template's braces don't match, or hold no variable's name.
    #[error("`{0}` is no template: a variable is written {{{{ name }}}}")]
    Template(String),
}

/// Whether a text can name a variable: `[a-z][a-z0-9]*(_[a-z0-9]+)*`.
pub fn is_name(text: &str) -> bool {
    let is_word =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    text.starts_with(|first: char| first.is_ascii_lowercase()) && text.split('_').all(is_word)
}

/// A text with places to fill in, such as `postgres://{{ host }}:5432`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Variable(String),
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// When braces don't match or hold something else than a name.
    pub fn parse(text: &str) -> Result<Self, VariableError> {
        let wrong = || VariableError::Template(text.to_owned());
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let (name, after) = after.split_once("}}").ok_or_else(wrong)?;
            let name = name.trim();
            if before.contains("}}") || !is_name(name) {
                return Err(wrong());
            }
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            parts.push(Part::Variable(name.to_owned()));
            rest = after;
        }
        if rest.contains("}}") {
            return Err(wrong());
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self { parts })
    }

    /// Fills the places in.
    ///
    /// # Errors
    /// When a variable is undeclared or has no value.
    pub fn fill(&self, variables: &Variables) -> Result<String, VariableError> {
        let mut filled = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => filled.push_str(text),
                Part::Variable(name) => {
                    let _ = write!(filled, "{}", variables.get(name)?);
                }
            }
        }
        Ok(filled)
    }
}

/// The application's variables with the values that were given.
#[derive(Debug)]
pub struct Variables {
    declared: BTreeMap<String, Declaration>,
    given: BTreeMap<String, String>,
}

impl Variables {
    /// Values given by the caller stand before the declared defaults.
    pub fn new(declared: BTreeMap<String, Declaration>, given: BTreeMap<String, String>) -> Self {
        Self { declared, given }
    }

    /// A variable's value.
    ///
    /// # Errors
    /// When it is undeclared or has no value.
    pub fn get(&self, name: &str) -> Result<&str, VariableError> {
        let declaration = self.declared.get(name).ok_or_else(|| VariableError::Undeclared(name.to_owned()))?;
        let value = self.given.get(name).or(declaration.default.as_ref());
        value.map(String::as_str).ok_or_else(|| VariableError::Missing(name.to_owned()))
    }
}

/// The variables that the environment gives, as Spin has it: `SPIN_VARIABLE_DATABASE_URL` sets `database_url`.
pub fn from_environment() -> BTreeMap<String, String> {
    std::env::vars()
        .filter_map(|(key, value)| Some((key.strip_prefix("SPIN_VARIABLE_")?.to_ascii_lowercase(), value)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables() -> Variables {
        let declared = [("host", Some("localhost")), ("port", Some("5432")), ("password", None)];
        let declared = declared.map(|(name, default)| {
            (name.to_owned(), Declaration { default: default.map(str::to_owned), secret: default.is_none() })
        });
        Variables::new(declared.into(), [("port".to_owned(), "6000".to_owned())].into())
    }

    fn fill(text: &str) -> Result<String, VariableError> {
        Template::parse(text)?.fill(&variables())
    }

    #[test]
    fn a_given_value_stands_before_the_default() {
        assert_eq!(fill("postgres://{{ host }}:{{port}}").as_deref(), Ok("postgres://localhost:6000"));
    }

    #[test]
    fn a_text_without_braces_is_itself() {
        assert_eq!(fill("a { b } c").as_deref(), Ok("a { b } c"));
    }

    #[test]
    fn a_required_variable_without_a_value_is_named() {
        assert_eq!(fill("{{ password }}"), Err(VariableError::Missing("password".into())));
        assert!(VariableError::Missing("password".into()).to_string().contains("SPIN_VARIABLE_PASSWORD"));
    }

    #[test]
    fn an_undeclared_variable_is_named() {
        assert_eq!(fill("{{ nobody }}"), Err(VariableError::Undeclared("nobody".into())));
    }

    #[test]
    fn unmatched_braces_and_expressions_are_refused() {
        for text in ["{{ host", "host }}", "{{ }}", "{{ a b }}", "{{ Host }}", "}} {{ host }}"] {
            assert_eq!(fill(text), Err(VariableError::Template(text.into())), "{text}");
        }
    }

    #[test]
    fn names_are_words_joined_by_single_underscores() {
        assert!(["a", "a1_b2", "database_url"].into_iter().all(is_name));
        assert!(!["", "1a", "_a", "a_", "a__b", "A", "a-b", "ä"].into_iter().any(is_name));
    }
}
