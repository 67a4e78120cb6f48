//! The trace that a caller's request belongs to, as W3C Trace Context says it.

use http::{HeaderMap, HeaderValue};

/// The trace of a request and the caller's span in it, from its `traceparent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceContext {
    /// The id of the trace.
    pub trace_id: [u8; 16],
    /// The id of the caller's span.
    pub span_id: [u8; 8],
    /// Whether the caller records the trace.
    pub is_sampled: bool,
}

impl TraceContext {
    /// The trace that headers name, if there is exactly one `traceparent` and it is valid.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let mut values = headers.get_all("traceparent").iter();
        match (values.next(), values.next()) {
            (Some(value), None) => Self::parse(value),
            _ => None,
        }
    }

    fn parse(value: &HeaderValue) -> Option<Self> {
        let mut parts = value.to_str().ok()?.split('-');
        let [version] = hexadecimal(parts.next()?)?;
        let trace_id = hexadecimal(parts.next()?)?;
        let span_id = hexadecimal(parts.next()?)?;
        let [flags]: [u8; 1] = hexadecimal(parts.next()?)?;
        // Later versions may have more parts.
        let has_more = parts.next().is_some();
        let is_valid = version != 0xff
            && !(version == 0 && has_more)
            && trace_id != [0; 16]
            && span_id != [0; 8];
        is_valid.then_some(Self {
            trace_id,
            span_id,
            is_sampled: flags & 1 == 1,
        })
    }
}

/// The bytes of so many lower-case hexadecimal digits.
fn hexadecimal<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != N || !rest.is_empty() {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
    const SPAN: &str = "b7ad6b7169203331";

    fn read(values: &[String]) -> Option<TraceContext> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("traceparent", value.parse().unwrap());
        }
        TraceContext::of(&headers)
    }

    #[test]
    fn a_valid_traceparent_names_trace_span_and_sampling() {
        for (flags, is_sampled) in [("00", false), ("01", true), ("03", true)] {
            let context = read(&[format!("00-{TRACE}-{SPAN}-{flags}")]).unwrap();
            assert_eq!(context.trace_id[..3], [0x0a, 0xf7, 0x65]);
            assert_eq!(context.span_id[6..], [0x33, 0x31]);
            assert_eq!(context.is_sampled, is_sampled);
        }
        assert!(read(&[format!("cc-{TRACE}-{SPAN}-01-what-else")]).is_some());
    }

    #[test]
    fn anything_else_is_no_trace() {
        let good = format!("00-{TRACE}-{SPAN}-01");
        for bad in [
            String::new(),
            format!("ff-{TRACE}-{SPAN}-01"),
            format!("00-{TRACE}-{SPAN}-01-more"),
            format!("00-{TRACE}-{SPAN}"),
            format!("00-{}-{SPAN}-01", TRACE.to_uppercase()),
            format!("00-{}-{SPAN}-01", "0".repeat(32)),
            format!("00-{TRACE}-{}-01", "0".repeat(16)),
            format!("00-{TRACE}0-{SPAN}-01"),
            format!("0-{TRACE}-{SPAN}-01"),
        ] {
            assert_eq!(read(std::slice::from_ref(&bad)), None, "{bad}");
        }
        assert_eq!(read(&[good.clone(), good]), None);
    }
}
