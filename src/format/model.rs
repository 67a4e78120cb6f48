//! Facts about a model in words. Unknown is never shown as zero.

use super::thousands;

/// A price in US dollars per million tokens: `$0.60`, `free`. `None` is unknown, not free.
#[must_use]
pub fn price(per_million: Option<&str>) -> Option<String> {
    let (whole, fraction) = per_million?.split_once('.').unwrap_or((per_million?, ""));
    let fraction = fraction.trim_end_matches('0');
    if whole.bytes().all(|digit| digit == b'0') && fraction.is_empty() {
        return Some("free".to_owned());
    }
    Some(match fraction.len() {
        0 => format!("${whole}"),
        1 => format!("${whole}.{fraction}0"),
        _ => format!("${whole}.{fraction}"),
    })
}

/// Both prices, if known: `$0.60 in`, `$2.50 out`.
#[must_use]
pub fn prices(input: Option<&str>, output: Option<&str>) -> Vec<String> {
    match (price(input), price(output)) {
        (Some(input), Some(output)) if input == "free" && output == "free" => vec![input],
        (input, output) => {
            let input = input.map(|price| format!("{price} in"));
            let output = output.map(|price| format!("{price} out"));
            input.into_iter().chain(output).collect()
        }
    }
}

/// A context window, short: `128K`, `1.05M`.
#[must_use]
pub fn context(tokens: u64) -> String {
    match tokens {
        ..10_000 => thousands(tokens),
        10_000..1_000_000 => format!("{}K", tokens / 1_000),
        _ => {
            let hundredths = tokens / 10_000;
            let (whole, rest) = (hundredths / 100, hundredths % 100);
            match (rest, rest % 10) {
                (0, _) => format!("{whole}M"),
                (_, 0) => format!("{whole}.{}M", rest / 10),
                _ => format!("{whole}.{rest:02}M"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_price_is_not_free() {
        assert_eq!(price(None), None);
        assert_eq!(price(Some("0")).as_deref(), Some("free"));
        assert_eq!(price(Some("0.000")).as_deref(), Some("free"));
        assert!(prices(None, None).is_empty());
        assert_eq!(prices(Some("0.6"), None), ["$0.60 in"]);
    }

    #[test]
    fn prices_keep_their_digits() {
        assert_eq!(price(Some("0.6")).as_deref(), Some("$0.60"));
        assert_eq!(price(Some("2.50")).as_deref(), Some("$2.50"));
        assert_eq!(price(Some("15")).as_deref(), Some("$15"));
        assert_eq!(price(Some("0.0375")).as_deref(), Some("$0.0375"));
        assert_eq!(prices(Some("0"), Some("0.0")), ["free"]);
        assert_eq!(prices(Some("0.6"), Some("2.5")), ["$0.60 in", "$2.50 out"]);
    }

    #[test]
    fn context_windows_are_short() {
        assert_eq!(context(4_096), "4,096");
        assert_eq!(context(128_000), "128K");
        assert_eq!(context(131_072), "131K");
        assert_eq!(context(1_000_000), "1M");
        assert_eq!(context(1_048_576), "1.04M");
        assert_eq!(context(1_500_000), "1.5M");
    }
}
