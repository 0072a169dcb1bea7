//! The query of a request, its names and values decoded (URL Standard, 5.1).

use std::str::FromStr;

use crate::workbench::refusal::Refusal;

/// A query.
#[derive(Clone, Debug, Default)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Of a request's target; none is empty.
    pub fn of(target: &axum::http::Uri) -> Self {
        let query = target.query().unwrap_or_default();
        Self(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    /// Each value of a name, in order.
    pub fn all<'q, 'n>(&'q self, name: &'n str) -> impl Iterator<Item = &'q str> + use<'q, 'n> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The value of a name that comes once at most.
    pub fn text(&self, name: &str) -> Result<Option<&str>, Refusal> {
        let mut values = self.all(name);
        let first = values.next();
        match values.next() {
            None => Ok(first),
            Some(_) => Err(Refusal::usage(format!("`{name}` is given more than once")).field(name)),
        }
    }

    /// A number.
    pub fn number<N: FromStr>(&self, name: &str) -> Result<Option<N>, Refusal> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let wrong = || {
            let shown = sockeye_text::safe::one_line(text);
            Refusal::usage(format!("`{shown}` is no number that `{name}` takes")).field(name)
        };
        text.parse().map(Some).map_err(|_| wrong())
    }
}
