//! Addresses of models: `NAME[/versions/N][/metadata]` and `NAME[/versions/N]:ACTION`.

/// What is asked of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action<'a> {
    Status,
    Metadata,
    Summary,
    /// What stands behind the colon.
    Verb(&'a str),
}

/// An address, read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Target<'a> {
    pub(crate) name: &'a str,
    pub(crate) version: Option<u64>,
    pub(crate) action: Action<'a>,
}

impl<'a> Target<'a> {
    /// Reads what stands behind `/v1/models/`.
    pub(crate) fn parse(path: &'a str) -> Option<Self> {
        let (path, verb) = match path.split_once(':') {
            Some((path, verb)) => (path, Some(verb)),
            None => (path, None),
        };
        let parts: Vec<&str> = path.split('/').collect();
        let (name, version, rest) = match parts.as_slice() {
            [name, "versions", version, rest @ ..] => (*name, Some(version.parse().ok()?), rest),
            [name, rest @ ..] => (*name, None, rest),
            [] => return None,
        };
        let action = match (rest, verb) {
            ([], None) => Action::Status,
            ([], Some(verb)) => Action::Verb(verb),
            (["metadata"], None) => Action::Metadata,
            (["summary"], None) => Action::Summary,
            _ => return None,
        };
        Some(Self { name, version, action })
    }

    /// The action in a word, of a list that is known beforehand.
    pub(crate) fn action_name(&self) -> &'static str {
        match self.action {
            Action::Status => "status",
            Action::Metadata => "metadata",
            Action::Summary => "summary",
            Action::Verb("predict") => "predict",
            Action::Verb("image") => "image",
            Action::Verb(_) => "other",
        }
    }

    /// The version that was asked for, as TensorFlow Serving writes it.
    pub(crate) fn servable(&self) -> String {
        match self.version {
            Some(version) => format!("Specific({}, {version})", self.name),
            None => format!("Latest({})", self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let target = |name, version, action| Some(Target { name, version, action });
        assert_eq!(Target::parse("digits"), target("digits", None, Action::Status));
        assert_eq!(Target::parse("a.b:predict"), target("a.b", None, Action::Verb("predict")));
        assert_eq!(Target::parse("a/versions/2"), target("a", Some(2), Action::Status));
        assert_eq!(Target::parse("a/versions/2:image"), target("a", Some(2), Action::Verb("image")));
        assert_eq!(Target::parse("a/versions/2/metadata"), target("a", Some(2), Action::Metadata));
        assert_eq!(Target::parse("a/metadata:predict"), None);
        assert_eq!(Target::parse("a/versions/two"), None);
        assert_eq!(Target::parse("a/labels/stable"), None);
    }
}
