//! How long requests to one provider or source may take.

use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// The time limits of a provider or source, in seconds. Absent ones are those of every other, which
/// options of `waypost serve` set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TimeLimits {
    /// For connecting, name lookup and TLS included: 1 to 60.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connect_seconds: Option<u32>,
    /// Until it begins to answer, from the request on: 1 to 3,600.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_byte_seconds: Option<u32>,
    /// Between two bytes of an answer: 1 to 3,600.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle_seconds: Option<u32>,
    /// For an answer that is not a stream of events, from the request on: 1 to 86,400.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer_seconds: Option<u32>,
}

/// Why a limit cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeLimitError {
    /// The field.
    pub field: &'static str,
    /// What is wrong with it, for a person.
    pub message: String,
}

impl TimeLimits {
    /// The names of the limits.
    pub const FIELDS: [&str; 4] = [
        "connect_seconds",
        "first_byte_seconds",
        "idle_seconds",
        "answer_seconds",
    ];

    /// Whether it has no limit.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The limits that are set, with their names.
    pub fn set(&self) -> impl Iterator<Item = (&'static str, u32)> + use<> {
        let values = [
            self.connect_seconds,
            self.first_byte_seconds,
            self.idle_seconds,
            self.answer_seconds,
        ];
        let named = Self::FIELDS.into_iter().zip(values);
        named.filter_map(|(name, value)| Some((name, value?)))
    }

    /// Checks that each limit is within its bounds.
    ///
    /// # Errors
    /// The first that is not.
    pub fn check(&self) -> Result<(), TimeLimitError> {
        let outside = self
            .set()
            .find(|(name, value)| !bounds(name).contains(value));
        match outside {
            Some((field, _)) => Err(out_of_bounds(field)),
            None => Ok(()),
        }
    }

    /// Sets the limit of a name to a whole number, as it is written.
    ///
    /// # Errors
    /// The text is no whole number, or outside the bounds of the limit. The limit is unset then.
    pub fn set_text(&mut self, name: &str, text: &str) -> Result<(), TimeLimitError> {
        let (field, place) = match name {
            "connect_seconds" => (Self::FIELDS[0], &mut self.connect_seconds),
            "first_byte_seconds" => (Self::FIELDS[1], &mut self.first_byte_seconds),
            "idle_seconds" => (Self::FIELDS[2], &mut self.idle_seconds),
            _ => (Self::FIELDS[3], &mut self.answer_seconds),
        };
        let value = text.parse().ok();
        *place = value.filter(|value| bounds(field).contains(value));
        match place {
            Some(_) => Ok(()),
            None => Err(out_of_bounds(field)),
        }
    }
}

/// The seconds that the limit of a name may have.
#[must_use]
pub fn bounds(field: &str) -> RangeInclusive<u32> {
    match field {
        "connect_seconds" => 1..=60,
        "answer_seconds" => 1..=86_400,
        _ => 1..=3_600,
    }
}

fn out_of_bounds(field: &'static str) -> TimeLimitError {
    let bounds = bounds(field);
    TimeLimitError {
        field,
        message: format!(
            "`{field}` must be a whole number of seconds from {} to {}.",
            bounds.start(),
            bounds.end()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_has_bounds_and_its_error_names_it() {
        let mut limits = TimeLimits::default();
        assert!(limits.is_empty() && limits.check().is_ok());
        for (field, last) in TimeLimits::FIELDS
            .into_iter()
            .zip([60, 3_600, 3_600, 86_400])
        {
            for (text, is_valid) in [
                ("1".to_owned(), true),
                (last.to_string(), true),
                ("0".to_owned(), false),
                ((last + 1).to_string(), false),
                ("-1".to_owned(), false),
                ("99999999999".to_owned(), false),
            ] {
                let set = limits.set_text(field, &text);
                assert_eq!(set.is_ok(), is_valid, "{field}: {text}");
                if let Err(error) = set {
                    assert_eq!(error.field, field);
                    assert!(error.message.contains(&format!("from 1 to {last}")));
                }
            }
            assert!(limits.is_empty());
            let mut json = serde_json::Map::new();
            json.insert(field.to_owned(), (last + 1).into());
            let read: TimeLimits = serde_json::from_value(json.into()).unwrap();
            assert_eq!(read.check().unwrap_err().field, field);
        }
    }
}
