//! What a token may, and what each request needs.

use axum::http::Method;

/// What a token may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// See everything, change nothing.
    Look,
    /// Everything.
    Act,
}

impl Scope {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Look => "look",
            Self::Act => "act",
        }
    }

    /// Read back from [`Scope::name`].
    pub fn named(text: &str) -> Option<Self> {
        [Self::Look, Self::Act].into_iter().find(|scope| scope.name() == text)
    }

    /// All that it allows, as it is written.
    pub fn may(self) -> &'static [&'static str] {
        match self {
            Self::Look => &["look"],
            Self::Act => &["look", "act"],
        }
    }

    /// What a request of the API needs: looking is GET; all else acts, but for two questions
    /// that are too long for a query.
    pub fn needed(method: &Method, path: &str) -> Self {
        // What was sent, and is to be sent, is not for who looks on.
        if path == "/api/keepsakes" {
            return Self::Act;
        }
        if *method == Method::GET || *method == Method::HEAD {
            return Self::Look;
        }
        let of_a_run = || {
            let rest = path.strip_prefix("/api/runs/")?;
            let (_, what) = rest.split_once('/')?;
            (what == "preview").then_some(())
        };
        let asks = *method == Method::POST
            && (matches!(path, "/api/draft" | "/api/leave") || of_a_run().is_some());
        if asks { Self::Look } else { Self::Act }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_gets_and_the_two_long_questions_are_looking() {
        for (method, path, needed) in [
            (Method::GET, "/api/runs", Scope::Look),
            (Method::HEAD, "/api/runs", Scope::Look),
            (Method::POST, "/api/runs", Scope::Act),
            (Method::POST, "/api/draft", Scope::Look),
            (Method::PUT, "/api/draft", Scope::Act),
            (Method::POST, "/api/draft/", Scope::Act),
            (Method::POST, "/api/runs/3/preview", Scope::Look),
            (Method::DELETE, "/api/runs/3/preview", Scope::Act),
            (Method::POST, "/api/runs/3/send", Scope::Act),
            (Method::POST, "/api/runs/preview", Scope::Act),
            (Method::POST, "/api/runs/3/send/preview", Scope::Act),
            (Method::POST, "/api/files/preview", Scope::Act),
            (Method::PUT, "/api/keepsakes", Scope::Act),
            (Method::POST, "/api/share", Scope::Act),
        ] {
            assert_eq!(Scope::needed(&method, path), needed, "{method} {path}");
        }
    }
}
