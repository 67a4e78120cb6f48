//! Texts about a token.

use crate::api::types::{Role, TokenKind, TokenView};
use crate::format::count;

/// A token as a sentence names it.
pub(super) fn title(token: &TokenView) -> String {
    match token.label.is_empty() {
        true => format!("token {}", text_hint(token)),
        false => format!("token {}", token.label),
    }
}

/// What is known of the text: its prefix and its end.
pub(super) fn text_hint(token: &TokenView) -> String {
    let prefix = match token.kind {
        TokenKind::Agent => "wpa_",
        TokenKind::Service => "wps_",
    };
    format!("{prefix}…{}", token.hint)
}

/// What a role is called.
pub(super) fn role_word(role: Role) -> &'static str {
    match role {
        Role::Admin => "admin",
        Role::Viewer => "viewer",
    }
}

/// When a token expires: `in 89 days`, `in 5 h`, `expired`.
pub(super) fn expiry(now: i64, at: i64) -> String {
    match at.saturating_sub(now) {
        ..=0 => "expired".to_owned(),
        1..3_600 => "within the hour".to_owned(),
        left @ 3_600..86_400 => format!("in {} h", left / 3_600),
        left => format!("in {}", count(left.unsigned_abs() / 86_400, "day", "days")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expiry_is_in_whole_units() {
        const DAY: i64 = 86_400;
        assert_eq!(expiry(100, 100), "expired");
        assert_eq!(expiry(0, 10), "within the hour");
        assert_eq!(expiry(0, 2 * 3_600 + 5), "in 2 h");
        assert_eq!(expiry(0, DAY), "in 1 day");
        assert_eq!(expiry(0, 90 * DAY - 1), "in 89 days");
    }

    #[test]
    fn a_token_without_a_label_is_named_by_its_text() {
        let mut token = TokenView {
            id: "1".to_owned(),
            kind: TokenKind::Service,
            agent: None,
            role: Some(Role::Viewer),
            label: String::new(),
            hint: "aB3d".to_owned(),
            created_at: 0,
            created_by: "system".to_owned(),
            last_used_at: None,
            expires_at: None,
        };
        assert_eq!(title(&token), "token wps_…aB3d");
        token.label = "ci".to_owned();
        token.kind = TokenKind::Agent;
        assert_eq!(title(&token), "token ci");
        assert_eq!(text_hint(&token), "wpa_…aB3d");
    }
}
