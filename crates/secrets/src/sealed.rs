//! The document that a backend stores under a name.

use crate::text::SecretText;
use zeroize::Zeroizing;

/// One value, together with the origin it was entered for. They are stored in one piece, so that a
/// value can never end up beside the origin of another.
#[derive(Clone)]
pub struct SecretVersion {
    /// A random id that the record of the secret repeats. `None` if Waypost 0.1 or another program
    /// wrote the value.
    pub revision: Option<String>,
    /// The origin it was entered for.
    pub origin: String,
    /// When it was entered, in Unix seconds.
    pub set_at: i64,
    /// The value.
    pub value: SecretText,
}

/// What a backend stores under one name: the current value and, while it is being replaced, the
/// one before. The record of the secret says which of the two counts.
#[derive(Clone)]
pub struct SealedSecret {
    /// The value that was written last.
    pub current: SecretVersion,
    /// The value it replaces, until the replacement is committed.
    pub previous: Option<SecretVersion>,
}

/// The form of a document with revisions: four lines for each version.
const FORM: &str = "waypost-secret-2";
/// The form that Waypost 0.1 wrote: time, origin and value of a single version.
const FORM_WITHOUT_REVISION: &str = "waypost-secret-1";

impl SealedSecret {
    /// A document with one version.
    #[must_use]
    pub fn of(current: SecretVersion) -> Self {
        Self {
            current,
            previous: None,
        }
    }

    /// The version that a record with this revision refers to. A record without a revision refers
    /// to a version without one.
    #[must_use]
    pub fn version(&self, revision: Option<&str>) -> Option<&SecretVersion> {
        std::iter::once(&self.current)
            .chain(&self.previous)
            .find(|version| version.revision.as_deref() == revision)
    }

    /// The document as bytes: a line with the form, then revision, time, origin and value of each
    /// version on a line each. No part has a line break: values are checked before they are stored.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let versions = || std::iter::once(&self.current).chain(&self.previous);
        let length: usize = versions()
            .map(|version| {
                let revision = version.revision.as_ref().map_or(0, String::len);
                revision + version.origin.len() + version.value.expose().len() + 32
            })
            .sum();
        // Reserve everything first: growing would leave a copy behind that is never wiped.
        let mut text = Zeroizing::new(String::with_capacity(FORM.len() + length));
        text.push_str(FORM);
        for version in versions() {
            let set_at = version.set_at.to_string();
            let revision = version.revision.as_deref().unwrap_or_default();
            for line in [revision, &set_at, &version.origin, version.value.expose()] {
                text.push('\n');
                text.push_str(line);
            }
        }
        Zeroizing::new(std::mem::take(&mut *text).into_bytes())
    }

    /// Reads what [`SealedSecret::encode`] or Waypost 0.1 wrote; `None` if it is neither.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let (form, rest) = text.split_once('\n')?;
        if form == FORM_WITHOUT_REVISION {
            let mut lines = rest.splitn(3, '\n');
            return Some(Self::of(SecretVersion {
                revision: None,
                set_at: lines.next()?.parse().ok()?,
                origin: lines.next()?.to_owned(),
                value: SecretText::new(lines.next()?.to_owned()),
            }));
        }
        if form != FORM {
            return None;
        }
        let mut lines = rest.split('\n');
        let current = read_version(&mut lines)??;
        let previous = match read_version(&mut lines) {
            Some(previous) => Some(previous?),
            None => None,
        };
        lines.next().is_none().then_some(Self { current, previous })
    }
}

/// The next version: `None` at the end, `Some(None)` if it is damaged.
fn read_version<'a>(lines: &mut impl Iterator<Item = &'a str>) -> Option<Option<SecretVersion>> {
    let revision = lines.next()?;
    let mut rest = || {
        Some(SecretVersion {
            revision: (!revision.is_empty()).then(|| revision.to_owned()),
            set_at: lines.next()?.parse().ok()?,
            origin: lines.next()?.to_owned(),
            value: SecretText::new(lines.next()?.to_owned()),
        })
    };
    Some(rest())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(revision: Option<&str>, value: &str) -> SecretVersion {
        SecretVersion {
            revision: revision.map(str::to_owned),
            origin: "https://a.example".to_owned(),
            set_at: -7,
            value: SecretText::new(value.to_owned()),
        }
    }

    fn same(one: &SecretVersion, other: &SecretVersion) -> bool {
        one.revision == other.revision
            && one.origin == other.origin
            && one.set_at == other.set_at
            && one.value.expose() == other.value.expose()
    }

    #[test]
    fn a_document_reads_back_as_it_was_written() {
        for previous in [
            None,
            Some(version(None, "old")),
            Some(version(Some("r1"), "old")),
        ] {
            let document = SealedSecret {
                current: version(Some("r2"), "{\"x\":\"1\"}"),
                previous,
            };
            let back = SealedSecret::decode(&document.encode()).unwrap();
            assert!(same(&back.current, &document.current));
            assert_eq!(back.previous.is_some(), document.previous.is_some());
            if let (Some(one), Some(other)) = (&back.previous, &document.previous) {
                assert!(same(one, other));
            }
        }
    }

    #[test]
    fn a_document_of_the_previous_release_has_no_revision() {
        let document =
            SealedSecret::decode(b"waypost-secret-1\n7\nhttps://a.example\n{\"x\":\"1\"}").unwrap();
        assert_eq!(document.current.origin, "https://a.example");
        assert_eq!(document.current.set_at, 7);
        assert_eq!(document.current.value.expose(), "{\"x\":\"1\"}");
        assert!(document.version(None).is_some());
        assert!(document.version(Some("r")).is_none());
    }

    #[test]
    fn a_record_finds_its_own_version_and_no_other() {
        let document = SealedSecret {
            current: version(Some("r2"), "new"),
            previous: Some(version(None, "old")),
        };
        let value = |revision| document.version(revision).map(|found| found.value.expose());
        assert_eq!(value(Some("r2")), Some("new"));
        assert_eq!(value(None), Some("old"));
        assert_eq!(value(Some("r1")), None);
    }

    #[test]
    fn anything_else_is_rejected() {
        for bad in [
            &b""[..],
            b"waypost-secret-3\nr\n7\nhttps://a.example\nv",
            b"waypost-secret-1\nx\nhttps://a.example\nv",
            b"waypost-secret-1\n7\nhttps://a.example",
            b"waypost-secret-2",
            b"waypost-secret-2\nr\nx\nhttps://a.example\nv",
            b"waypost-secret-2\nr\n7\nhttps://a.example",
            b"waypost-secret-2\nr\n7\nhttps://a.example\nv\n",
            b"waypost-secret-2\nr\n7\nhttps://a.example\nv\nr\n7\nhttps://a.example",
            b"waypost-secret-2\nr\n7\no\nv\nr\n7\no\nv\nextra",
            b"\xff",
        ] {
            assert!(SealedSecret::decode(bad).is_none(), "{bad:?}");
        }
    }
}
