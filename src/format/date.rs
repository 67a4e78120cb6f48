//! Dates and times of day. The interface is in English, so they are written alike in every browser.

/// A moment in the reader's time zone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LocalTime {
    /// The year, such as 2026.
    pub year: u32,
    /// The month, from 1.
    pub month: u32,
    /// The day of the month, from 1.
    pub day: u32,
    /// The day of the week, from 0 for Sunday.
    pub weekday: u32,
    /// The hour, from 0 to 23.
    pub hour: u32,
    /// The minute.
    pub minute: u32,
    /// The second.
    pub second: u32,
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const WEEKDAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

fn name_in(names: &[&'static str], at: u32) -> &'static str {
    usize::try_from(at)
        .ok()
        .and_then(|at| names.get(at))
        .copied()
        .unwrap_or_default()
}

impl LocalTime {
    /// The date for addresses and date fields: `2026-11-30`.
    #[must_use]
    pub fn iso_date(&self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }

    /// The time of day: `14:20`.
    #[must_use]
    pub fn clock(&self) -> String {
        format!("{:02}:{:02}", self.hour, self.minute)
    }

    /// The time of day to the second: `14:20:05`.
    #[must_use]
    pub fn clock_seconds(&self) -> String {
        format!("{}:{:02}", self.clock(), self.second)
    }

    /// The day and the month, short: `30 Nov`.
    #[must_use]
    pub fn short_date(&self) -> String {
        let month = name_in(&MONTHS, self.month.wrapping_sub(1));
        format!("{} {}", self.day, month.get(..3).unwrap_or_default())
    }

    /// The date: `30 November 2026`.
    #[must_use]
    pub fn date(&self) -> String {
        let month = name_in(&MONTHS, self.month.wrapping_sub(1));
        format!("{} {month} {}", self.day, self.year)
    }

    /// The date with its weekday: `Monday, 30 November 2026`.
    #[must_use]
    pub fn weekday_date(&self) -> String {
        format!("{}, {}", name_in(&WEEKDAYS, self.weekday), self.date())
    }

    /// The date and the time: `30 November 2026, 14:20:05`.
    #[must_use]
    pub fn date_time(&self) -> String {
        format!("{}, {}", self.date(), self.clock_seconds())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_alike_everywhere() {
        let moment = LocalTime {
            year: 2026,
            month: 11,
            day: 3,
            weekday: 2,
            hour: 9,
            minute: 5,
            second: 7,
        };
        assert_eq!(moment.iso_date(), "2026-11-03");
        assert_eq!(moment.clock(), "09:05");
        assert_eq!(moment.clock_seconds(), "09:05:07");
        assert_eq!(moment.short_date(), "3 Nov");
        assert_eq!(moment.weekday_date(), "Tuesday, 3 November 2026");
        assert_eq!(moment.date_time(), "3 November 2026, 09:05:07");
    }
}
