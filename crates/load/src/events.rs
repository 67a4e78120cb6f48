//! The events of a stream, as the upstream writes them and the client expects them.

use std::fmt::Write as _;

/// What ends a stream.
const DONE: &str = "data: [DONE]\n\n";

/// Writes the event with a number, or the end.
pub(crate) fn write(text: &mut String, stream: u64, number: u64, count: u64) {
    text.clear();
    if number == count {
        text.push_str(DONE);
        return;
    }
    write!(
        text,
        "data: {{\"id\":\"chatcmpl-{stream}\",\"object\":\"chat.completion.chunk\",\"created\":{number},\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\" token\"}}}}]}}\n\n"
    )
    .expect("a string takes everything");
}

/// Checks that a stream has every event, once and in order, whatever pieces it arrives in.
pub(crate) struct Checker {
    stream: u64,
    count: u64,
    /// The event that comes next; `count` is the end.
    number: u64,
    expected: String,
    /// How much of it has arrived.
    arrived: usize,
}

impl Checker {
    pub(crate) fn new(stream: u64, count: u64) -> Self {
        let mut expected = String::new();
        write(&mut expected, stream, 0, count);
        Self {
            stream,
            count,
            number: 0,
            expected,
            arrived: 0,
        }
    }

    /// Takes the next bytes of the stream. Fails at the first that differs.
    pub(crate) fn take(&mut self, mut bytes: &[u8]) -> Result<(), String> {
        while !bytes.is_empty() {
            let rest = &self.expected.as_bytes()[self.arrived..];
            let length = rest.len().min(bytes.len());
            if self.number > self.count || rest[..length] != bytes[..length] {
                return Err(format!(
                    "stream {} differs at event {}",
                    self.stream, self.number
                ));
            }
            bytes = &bytes[length..];
            self.arrived += length;
            if self.arrived == self.expected.len() {
                self.number += 1;
                self.arrived = 0;
                write(&mut self.expected, self.stream, self.number, self.count);
            }
        }
        Ok(())
    }

    /// Whether everything has arrived.
    pub(crate) fn is_complete(&self) -> bool {
        self.number > self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(count: u64) -> String {
        let (mut all, mut event) = (String::new(), String::new());
        for number in 0..=count {
            write(&mut event, 7, number, count);
            all.push_str(&event);
        }
        all
    }

    #[test]
    fn a_stream_is_complete_in_whatever_pieces() {
        let text = stream(3);
        for size in [1, 7, 1000] {
            let mut checker = Checker::new(7, 3);
            for piece in text.as_bytes().chunks(size) {
                assert!(!checker.is_complete());
                checker.take(piece).expect("it is as written");
            }
            assert!(checker.is_complete());
            assert!(checker.take(b"x").is_err(), "nothing follows the end");
        }
    }

    #[test]
    fn a_lost_or_a_swapped_event_is_found() {
        let text = stream(3);
        let events: Vec<&str> = text.split_inclusive("\n\n").collect();
        for order in [[0, 2, 3], [1, 0, 2], [0, 0, 1]] {
            let mut checker = Checker::new(7, 3);
            let taken = order
                .iter()
                .try_for_each(|number| checker.take(events[*number].as_bytes()));
            assert!(taken.is_err(), "{order:?}");
        }
    }
}
