//! Prices: decimal text moved by six places, without a binary fraction on the way.

/// More digits than any price has. A hostile number such as `1e999999` stops here.
const MOST_PLACES: usize = 40;

/// US dollars per million tokens from a decimal text in US dollars per token. A negative number
/// stands for "varies" and is as unknown as one that is none.
pub(super) fn per_million(per_token: &str) -> Option<String> {
    let (mantissa, exponent) = match per_token.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (per_token, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole, fraction].concat();
    let valid = !digits.is_empty()
        && digits.len() <= MOST_PLACES
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !valid {
        return None;
    }
    // The value is `digits` with this many of them behind the point.
    let behind = i32::try_from(fraction.len()).ok()? - exponent.checked_add(6)?;
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return Some("0".to_owned());
    }
    let places = usize::try_from(behind.unsigned_abs()).ok()?;
    if places > MOST_PLACES {
        return None;
    }
    if behind <= 0 {
        return Some(format!("{digits}{}", "0".repeat(places)));
    }
    let padded = format!("{digits:0>width$}", width = places + 1);
    let (whole, fraction) = padded.split_at(padded.len() - places);
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() {
        return Some(whole.to_owned());
    }
    Some(format!("{whole}.{fraction}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn prices_are_exact() {
        for (given, expected) in [
            ("0.00003", Some("30")),
            ("0.00006", Some("60")),
            ("0", Some("0")),
            ("0.0", Some("0")),
            ("0.00000015", Some("0.15")),
            ("0.000000123456789", Some("0.123456789")),
            ("2.5e-06", Some("2.5")),
            ("3E-7", Some("0.3")),
            ("1e+0", Some("1000000")),
            ("1", Some("1000000")),
            ("12.5", Some("12500000")),
            (".00003", Some("30")),
            ("-1", None),
            ("-0.5", None),
            ("", None),
            (".", None),
            ("free", None),
            ("NaN", None),
            ("1e999999", None),
            ("1e-999999", None),
            ("1e2147483647", None),
            ("1e99999999999", None),
            ("0x10", None),
            ("1,5", None),
            ("１", None),
        ] {
            assert_eq!(per_million(given).as_deref(), expected, "{given}");
        }
    }

    proptest! {
        /// Written with a point or with an exponent, a number of micro-dollars and its parts comes
        /// out as that number.
        #[test]
        fn every_way_of_writing_it_agrees(units in 0_u64..10_u64.pow(15), places in 0_usize..12) {
            let digits = format!("{units:0>width$}", width = places + 1);
            let (whole, fraction) = digits.split_at(digits.len() - places);
            let with_point = format!("{whole}.{fraction}");
            let with_exponent = format!("{units}e-{places}");
            let shifted = units as u128 * 1_000_000;
            let scale = 10_u128.pow(u32::try_from(places).unwrap());
            let rest = format!("{:0>places$}", shifted % scale);
            let rest = rest.trim_end_matches('0');
            let expected = if shifted.is_multiple_of(scale) {
                (shifted / scale).to_string()
            } else {
                format!("{}.{rest}", shifted / scale)
            };
            prop_assert_eq!(per_million(&with_exponent), Some(expected.clone()));
            prop_assert_eq!(per_million(&with_point), Some(expected));
        }

        #[test]
        fn no_text_breaks_it(text in ".{0,60}") {
            if let Some(price) = per_million(&text) {
                prop_assert!(price.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'));
                prop_assert!(price.len() <= 2 * MOST_PLACES + 2);
            }
        }
    }
}
