//! Names of providers and sources, and the names made from them.

use crate::codes;
use std::fmt;

/// The longest name, in bytes.
const MAX_LENGTH: usize = 64;

/// Why a text cannot be the name of a provider or the slug of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameError(Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Empty,
    TooLong,
    Start,
    Character,
    UpperCase,
}

impl NameError {
    /// The stable code: `invalid_name`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        codes::INVALID_NAME
    }

    /// What is wrong, in one sentence.
    #[must_use]
    pub fn message(&self) -> String {
        match self.0 {
            Kind::Empty => "The name is empty.".into(),
            Kind::TooLong => format!("The name is longer than {MAX_LENGTH} characters."),
            Kind::Start => "The name must begin with a letter or a digit.".into(),
            Kind::Character => {
                "The name may contain only letters, digits, `.`, `_` and `-`, because \
                 it is the first part of model refs."
                    .into()
            }
            Kind::UpperCase => "The name must be in lower case.".into(),
        }
    }
}

impl fmt::Display for NameError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message())
    }
}

impl std::error::Error for NameError {}

/// Whether Waypost may create a provider or source of this name: `[a-z0-9][a-z0-9._-]{0,63}`.
///
/// # Errors
/// What is wrong with the name.
pub fn check_name(name: &str) -> Result<(), NameError> {
    check_file_name(name)?;
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err(NameError(Kind::UpperCase));
    }
    Ok(())
}

/// Whether a file may use this name: as [`check_name`], with upper-case letters as well.
///
/// # Errors
/// What is wrong with the name.
pub fn check_file_name(name: &str) -> Result<(), NameError> {
    let Some(first) = name.bytes().next() else {
        return Err(NameError(Kind::Empty));
    };
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if !name.bytes().all(allowed) {
        return Err(NameError(Kind::Character));
    }
    if !first.is_ascii_alphanumeric() {
        return Err(NameError(Kind::Start));
    }
    if name.len() > MAX_LENGTH {
        return Err(NameError(Kind::TooLong));
    }
    Ok(())
}

/// Whether a text can name an environment variable: letters, digits and `_`, no digit first.
#[must_use]
pub fn check_variable_name(name: &str) -> bool {
    name.len() <= 255
        && name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The environment variables that override a gateway's base URL, in order of precedence: the name
/// in upper case with every other character as `_`, then the name merely in upper case.
#[must_use]
pub fn base_url_variables(name: &str) -> Vec<String> {
    let literal = name.to_ascii_uppercase();
    let portable: String = literal
        .chars()
        .map(|character| {
            if character.is_ascii_alphanumeric() {
                character
            } else {
                '_'
            }
        })
        .collect();
    let mut variables = vec![format!("{portable}_BASE_URL")];
    if portable != literal {
        variables.push(format!("{literal}_BASE_URL"));
    }
    variables
}

/// A slug made from a readable label, `source` where nothing in it can be part of one. Whether it is
/// still free is for the caller to see.
#[must_use]
pub fn slug_from_label(label: &str) -> String {
    slug_of_label(label).unwrap_or_else(|| "source".to_owned())
}

/// A slug made from a readable label; `None` where nothing in it can be part of one, as in a name
/// without Latin letters or digits. Accents are dropped.
#[must_use]
pub fn slug_of_label(label: &str) -> Option<String> {
    let mut slug = String::new();
    for character in label.chars() {
        let lower = character.to_ascii_lowercase();
        let mut ascii = [0; 4];
        let text = match lower {
            _ if lower.is_ascii_alphanumeric() => lower.encode_utf8(&mut ascii),
            _ => without_accent(lower),
        };
        if slug.len() + text.len().max(1) > MAX_LENGTH {
            break;
        }
        if !text.is_empty() {
            slug.push_str(text);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let trimmed = slug.trim_end_matches('-');
    (!trimmed.is_empty()).then(|| trimmed.to_owned())
}

/// The plain letters of an accented Latin one; empty for any other character.
fn without_accent(character: char) -> &'static str {
    match character {
        'à'..='å' | 'À'..='Å' | 'ā' | 'Ā' | 'ă' | 'Ă' | 'ą' | 'Ą' => "a",
        'æ' | 'Æ' => "ae",
        'ç' | 'Ç' | 'ć' | 'Ć' | 'č' | 'Č' => "c",
        'ď' | 'Ď' | 'đ' | 'Đ' | 'ð' | 'Ð' => "d",
        'è'..='ë' | 'È'..='Ë' | 'ē' | 'Ē' | 'ė' | 'Ė' | 'ę' | 'Ę' | 'ě' | 'Ě' => "e",
        'ğ' | 'Ğ' => "g",
        'ì'..='ï' | 'Ì'..='Ï' | 'ī' | 'Ī' | 'į' | 'Į' | 'ı' | 'İ' => "i",
        'ł' | 'Ł' | 'ľ' | 'Ľ' => "l",
        'ñ' | 'Ñ' | 'ń' | 'Ń' | 'ň' | 'Ň' => "n",
        'ò'..='ö' | 'Ò'..='Ö' | 'ø' | 'Ø' | 'ō' | 'Ō' | 'ő' | 'Ő' => "o",
        'œ' | 'Œ' => "oe",
        'ř' | 'Ř' => "r",
        'ś' | 'Ś' | 'š' | 'Š' | 'ş' | 'Ş' | 'ș' | 'Ș' => "s",
        'ß' | 'ẞ' => "ss",
        'ť' | 'Ť' | 'ț' | 'Ț' | 'ţ' | 'Ţ' => "t",
        'þ' | 'Þ' => "th",
        'ù'..='ü' | 'Ù'..='Ü' | 'ū' | 'Ū' | 'ů' | 'Ů' | 'ű' | 'Ű' | 'ų' | 'Ų' => "u",
        'ý' | 'Ý' | 'ÿ' | 'Ÿ' => "y",
        'ź' | 'Ź' | 'ż' | 'Ż' | 'ž' | 'Ž' => "z",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_waypost_creates_are_lower_case_and_ref_safe() {
        let long = "a".repeat(64);
        for good in ["a", "0", "my-proxy", "my.gw", "a_b", long.as_str()] {
            assert_eq!(check_name(good), Ok(()), "{good}");
        }
        let too_long = "a".repeat(65);
        for (bad, message) in [
            ("", "The name is empty."),
            ("-a", "The name must begin with a letter or a digit."),
            (".a", "The name must begin with a letter or a digit."),
            ("A", "The name must be in lower case."),
            (
                "my proxy",
                "The name may contain only letters, digits, `.`, `_` and `-`, because it is the \
                 first part of model refs.",
            ),
            (too_long.as_str(), "The name is longer than 64 characters."),
        ] {
            let error = check_name(bad).unwrap_err();
            assert_eq!(
                (error.code(), error.message().as_str()),
                ("invalid_name", message)
            );
        }
    }

    #[test]
    fn a_file_may_use_upper_case() {
        assert_eq!(check_file_name("MyProxy"), Ok(()));
        assert!(check_file_name("a/b").is_err());
        assert!(check_file_name("ä").is_err());
    }

    #[test]
    fn the_portable_variable_comes_before_the_literal_one() {
        assert_eq!(base_url_variables("litellm"), ["LITELLM_BASE_URL"]);
        assert_eq!(
            base_url_variables("my-proxy"),
            ["MY_PROXY_BASE_URL", "MY-PROXY_BASE_URL"]
        );
        assert_eq!(
            base_url_variables("My.gw_2"),
            ["MY_GW_2_BASE_URL", "MY.GW_2_BASE_URL"]
        );
    }

    #[test]
    fn variable_names_are_portable() {
        for good in ["A", "_a", "LITELLM_MASTER_KEY", "k2"] {
            assert!(check_variable_name(good), "{good}");
        }
        for bad in ["", " ", "2K", "my key=1", "A-B", "Ä"] {
            assert!(!check_variable_name(bad), "{bad}");
        }
    }

    #[test]
    fn every_label_gives_a_valid_slug() {
        for (label, slug) in [
            ("Local gateway", "local-gateway"),
            ("  vLLM (Berlin)  ", "vllm-berlin"),
            ("Köln", "koln"),
            ("Straße Łódź", "strasse-lodz"),
            ("…", "source"),
            ("", "source"),
        ] {
            assert_eq!(slug_from_label(label), slug);
        }
        for long in ["ab ", "ß", "aß"] {
            let long = slug_from_label(&long.repeat(60));
            assert_eq!(check_name(&long), Ok(()));
        }
        assert_eq!(slug_of_label("网关"), None);
        assert_eq!(slug_of_label("网关 2").as_deref(), Some("2"));
    }
}
