//! Routes: which component answers a path, as Spin decides it.
//!
//! A pattern is exact (`/a/b`), has places (`/a/:id`), or ends in a wildcard (`/a/...`). Of those that match, the one wins
//! that is more exact at the first segment in which they differ: exact before place before wildcard. Slashes at the end and
//! doubled ones mean nothing.

use std::cmp::Ordering;

/// What paths a route answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    segments: Vec<Segment>,
}

/// The order of the variants is the order in which they win.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Exact(String),
    Place(String),
    Wildcard,
}

impl Segment {
    fn rank(&self) -> u8 {
        match self {
            Self::Exact(_) => 0,
            Self::Place(_) => 1,
            Self::Wildcard => 3,
        }
    }
}

/// The rank of having no more segments: below a place, above a wildcard.
const END_RANK: u8 = 2;

impl Pattern {
    /// Reads a route.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        if !text.starts_with('/') {
            return Err(format!("the route `{text}` does not start with a slash"));
        }
        let words: Vec<&str> = segments(text).collect();
        let mut segments = Vec::with_capacity(words.len());
        for (index, word) in words.iter().enumerate() {
            segments.push(match word.strip_prefix(':') {
                Some("") => return Err(format!("the route `{text}` has a place without a name")),
                Some(name) => Segment::Place(name.to_owned()),
                None if *word == "..." && index + 1 == words.len() => Segment::Wildcard,
                None if word.contains("...") || word.contains('*') => {
                    return Err(format!("the route `{text}` has a wildcard that is not `/...` at its end"));
                }
                None => Segment::Exact((*word).to_owned()),
            });
        }
        Ok(Self { text: text.to_owned(), segments })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// As it was written, without the wildcard.
    pub fn stem(&self) -> &str {
        self.text.strip_suffix("/...").unwrap_or(&self.text)
    }

    fn matches<'p>(&self, path: &'p str) -> Option<&'p str> {
        let mut rest = path;
        for segment in &self.segments {
            if *segment == Segment::Wildcard {
                return Some(rest);
            }
            let (word, after) = next_segment(rest)?;
            match segment {
                Segment::Exact(exact) if exact != word => return None,
                _ => rest = after,
            }
        }
        next_segment(rest).is_none().then_some("")
    }

    fn places<'a>(&'a self, path: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.segments.iter().zip(segments(path)).filter_map(|(segment, word)| match segment {
            Segment::Place(name) => Some((name.as_str(), word)),
            _ => None,
        })
    }

    /// Which of two patterns is asked first; equal when they answer the same paths.
    fn precedence(&self, other: &Self) -> Ordering {
        let longest = self.segments.len().max(other.segments.len());
        for index in 0..longest {
            let (a, b) = (self.segments.get(index), other.segments.get(index));
            let rank = |segment: Option<&Segment>| segment.map_or(END_RANK, Segment::rank);
            let order = rank(a).cmp(&rank(b)).then_with(|| match (a, b) {
                (Some(Segment::Exact(a)), Some(Segment::Exact(b))) => a.cmp(b),
                _ => Ordering::Equal,
            });
            if order.is_ne() {
                return order;
            }
        }
        Ordering::Equal
    }
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

fn next_segment(path: &str) -> Option<(&str, &str)> {
    let path = path.trim_start_matches('/');
    if path.is_empty() {
        return None;
    }
    let end = path.find('/').unwrap_or(path.len());
    Some(path.split_at(end))
}

/// Routes in the order in which they are asked.
#[derive(Debug)]
pub struct Router<T> {
    routes: Vec<(Pattern, T)>,
}

/// A route that answers a path.
#[derive(Debug)]
pub struct Match<'a, T> {
    /// The route's pattern.
    pub pattern: &'a Pattern,
    /// Where it leads.
    pub target: &'a T,
    /// What the wildcard stands for: empty, or with a slash at the front.
    pub rest: &'a str,
    path: &'a str,
}

impl<'a, T> Match<'a, T> {
    /// What the places stand for.
    pub fn places(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.pattern.places(self.path)
    }
}

impl<T> Router<T> {
    /// Sorts routes.
    ///
    /// # Errors
    /// The patterns of two routes that answer the same paths.
    pub fn new(routes: Vec<(Pattern, T)>) -> Result<Self, (String, String)> {
        Self::with_repeats(routes, |_, _| false)
    }

    /// Sorts routes. Of two that answer the same paths the first does, where `may_repeat` lets it have another behind it.
    ///
    /// # Errors
    /// The patterns of two routes that answer the same paths and may not.
    pub fn with_repeats(
        mut routes: Vec<(Pattern, T)>,
        may_repeat: impl Fn(&T, &T) -> bool,
    ) -> Result<Self, (String, String)> {
        routes.sort_by(|(a, _), (b, _)| a.precedence(b));
        routes.dedup_by(|later, first| first.0.precedence(&later.0).is_eq() && may_repeat(&first.1, &later.1));
        for pair in routes.windows(2) {
            if pair[0].0.precedence(&pair[1].0).is_eq() {
                return Err((pair[0].0.text.clone(), pair[1].0.text.clone()));
            }
        }
        Ok(Self { routes })
    }

    /// The route that answers a path.
    pub fn route<'a>(&'a self, path: &'a str) -> Option<Match<'a, T>> {
        self.routes.iter().find_map(|(pattern, target)| {
            let rest = pattern.matches(path)?;
            Some(Match { pattern, target, rest, path })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn router(routes: &[&str]) -> Router<String> {
        let routes = routes.iter().map(|text| (Pattern::parse(text).unwrap(), (*text).to_owned()));
        Router::new(routes.collect()).unwrap()
    }

    fn found<'a>(router: &'a Router<String>, path: &'a str) -> &'a str {
        router.route(path).map_or("nothing", |found| found.target)
    }

    #[test]
    fn the_most_specific_route_wins_whatever_the_order() {
        let router =
            router(&["/...", "/api/...", "/api/tasks/...", "/api/tasks/stream", "/api/tasks/:id", "/api/:any/list"]);
        for (path, expected) in [
            ("/", "/..."),
            ("/index.html", "/..."),
            ("/api", "/api/..."),
            ("/api/other", "/api/..."),
            ("/api/tasks", "/api/tasks/..."),
            ("/api/tasks/stream", "/api/tasks/stream"),
            ("/api/tasks/17", "/api/tasks/:id"),
            ("/api/tasks/17/complete", "/api/tasks/..."),
            ("/api/tags/list", "/api/:any/list"),
            ("/apis", "/..."),
        ] {
            assert_eq!(found(&router, path), expected, "{path}");
        }
    }

    #[test]
    fn slashes_at_the_end_and_doubled_ones_mean_nothing() {
        let router = router(&["/a/b", "/"]);
        for path in ["/a/b", "/a/b/", "//a//b"] {
            assert_eq!(found(&router, path), "/a/b", "{path}");
        }
        assert_eq!(found(&router, "/"), "/");
        assert_eq!(found(&router, "/a"), "nothing");
        assert_eq!(found(&router, "/a/b/c"), "nothing");
    }

    #[test]
    fn a_match_says_what_places_and_wildcard_stand_for() {
        let router = router(&["/users/:user/files/..."]);
        let found = router.route("/users/ann/files/2026/a.txt").unwrap();
        assert_eq!(found.places().collect::<Vec<_>>(), [("user", "ann")]);
        assert_eq!(found.rest, "/2026/a.txt");
        assert_eq!(router.route("/users/ann/files").unwrap().rest, "");
    }

    #[test]
    fn routes_that_answer_the_same_paths_are_refused() {
        for (a, b) in [("/a", "/a/"), ("/a/:x", "/a/:y"), ("/...", "/...")] {
            let routes = [a, b].map(|text| (Pattern::parse(text).unwrap(), ()));
            assert!(Router::new(routes.into()).is_err(), "{a} and {b}");
        }
    }

    #[test]
    fn of_routes_that_may_repeat_the_first_that_was_written_answers() {
        let routes = [("/a/:x", 1), ("/a/b", 2), ("/a/:y", 3)];
        let routes = || routes.map(|(text, target)| (Pattern::parse(text).unwrap(), target)).into();
        let router = Router::with_repeats(routes(), |first, later| (*first, *later) == (1, 3)).unwrap();
        assert_eq!(router.route("/a/c").map(|found| *found.target), Some(1));
        assert!(Router::with_repeats(routes(), |first, later| (*first, *later) == (3, 1)).is_err());
    }

    #[test]
    fn what_is_no_route_is_refused() {
        for text in ["a", "", "/a/.../b", "/a*", "/:", "/a..."] {
            assert!(Pattern::parse(text).is_err(), "{text}");
        }
    }
}
