//! The query of a request, taken apart parameter by parameter.

use rondo_domain::ValueError;

use crate::{FieldError, Problem};

/// Parameters that are taken one by one.
#[derive(Debug)]
pub struct Query {
    parameters: Vec<(String, String)>,
    errors: Vec<FieldError>,
}

impl Query {
    /// The parameters that `query` spells.
    pub fn parse(query: &str) -> Self {
        Self { parameters: form_urlencoded::parse(query.as_bytes()).into_owned().collect(), errors: Vec::new() }
    }

    /// Takes a parameter that may be there once.
    pub fn one<T>(&mut self, name: &str, parse: impl Fn(&str) -> Result<T, ValueError>) -> Option<T> {
        let mut values = self.many(name, parse);
        if values.len() > 1 {
            self.fail(name, "must be there once");
        }
        values.pop()
    }

    /// Takes a parameter that may be repeated.
    pub fn many<T>(&mut self, name: &str, parse: impl Fn(&str) -> Result<T, ValueError>) -> Vec<T> {
        let (taken, left): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.parameters).into_iter().partition(|(given, _)| given == name);
        self.parameters = left;
        taken
            .iter()
            .filter_map(|(_, value)| parse(value).map_err(|error| self.fail(name, error.to_string())).ok())
            .collect()
    }

    /// Notes that something is wrong with the parameter `name`.
    pub fn fail(&mut self, name: &str, message: impl Into<String>) {
        self.errors.push(FieldError { field: name.to_owned(), message: message.into() });
    }

    /// `value`, unless something was wrong or a parameter was not taken.
    ///
    /// # Errors
    /// 422, naming all of it.
    pub fn finish<T>(mut self, value: T) -> Result<T, Problem> {
        for (name, _) in std::mem::take(&mut self.parameters) {
            self.fail(&name, "is not a parameter that this takes");
        }
        if self.errors.is_empty() { Ok(value) } else { Err(Problem::invalid(self.errors)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_that_nobody_took_are_refused() {
        let mut query = Query::parse("page=2&pgae=3");
        assert_eq!(query.one("page", |text| Ok(text.to_owned())).as_deref(), Some("2"));
        assert!(query.finish(()).is_err());
    }

    #[test]
    fn a_parameter_may_be_repeated_only_where_that_means_something() {
        let mut query = Query::parse("tags=a&tags=b%20c&page=1&page=2");
        assert_eq!(query.many("tags", |text| Ok(text.to_owned())), ["a", "b c"]);
        query.one("page", |text| Ok(text.to_owned()));
        assert!(query.finish(()).is_err());
    }
}
