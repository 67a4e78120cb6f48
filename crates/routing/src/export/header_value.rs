//! Header values with placeholders for secrets.

use crate::provenance::Provenance;
use crate::resolution::Route;

/// A piece of a header value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Literal text.
    Text(String),
    /// The place of a secret: [`Provenance::Secret`] or [`Provenance::Env`].
    Secret(Provenance),
}

/// Takes a header value apart at its `{{secret:…}}` and `{{env:…}}` placeholders.
///
/// `from` is the value's provenance: a file's or an entry's default header that happens to contain
/// two braces is plain text, since only credentials and sources carry secrets.
#[must_use]
pub fn pieces(value: &str, from: &Provenance) -> Vec<Piece> {
    let may_hold_secret = matches!(
        from,
        Provenance::Secret(_) | Provenance::Env(_) | Provenance::Source(_)
    );
    let mut pieces = Vec::new();
    let mut rest = value;
    let placeholder = |text| may_hold_secret.then(|| next_placeholder(text)).flatten();
    while let Some((before, place, after)) = placeholder(rest) {
        if !before.is_empty() {
            pieces.push(Piece::Text(before.into()));
        }
        pieces.push(Piece::Secret(place));
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.into()));
    }
    pieces
}

/// Whether a header carries the credential of a route. Also true where it takes none.
pub(super) fn carries_credential(route: &Route) -> bool {
    let Some(credential) = &route.credential else {
        return true;
    };
    let is_it = |piece: &Piece| matches!(piece, Piece::Secret(place) if *place == credential.from);
    let mut headers = route.headers.iter();
    headers.any(|header| pieces(&header.value, &header.from).iter().any(is_it))
}

fn next_placeholder(text: &str) -> Option<(&str, Provenance, &str)> {
    let (before, rest) = text.split_once("{{")?;
    let (place, after) = rest.split_once("}}")?;
    let place: Provenance = place.parse().ok()?;
    matches!(place, Provenance::Secret(_) | Provenance::Env(_)).then_some((before, place, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_text_and_a_secret() {
        assert_eq!(
            pieces(
                "Bearer {{env:GROQ_API_KEY}}",
                &Provenance::Env("GROQ_API_KEY".into())
            ),
            [
                Piece::Text("Bearer ".into()),
                Piece::Secret(Provenance::Env("GROQ_API_KEY".into()))
            ]
        );
    }

    #[test]
    fn a_static_header_of_a_source_is_a_secret() {
        assert_eq!(
            pieces(
                "{{secret:sources/a/headers#x-tenant}}",
                &Provenance::Source("a".into())
            ),
            [Piece::Secret(Provenance::Secret(
                "sources/a/headers#x-tenant".into()
            ))]
        );
    }

    #[test]
    fn braces_in_a_default_header_stay_text() {
        assert_eq!(
            pieces("{{env:HOME}}", &Provenance::UserLocal),
            [Piece::Text("{{env:HOME}}".into())]
        );
        assert_eq!(
            pieces("{{tenant}}", &Provenance::Source("a".into())),
            [Piece::Text("{{tenant}}".into())]
        );
    }
}
