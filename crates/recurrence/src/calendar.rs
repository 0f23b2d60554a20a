//! Days and civil times as numbers, so that walking over centuries costs nothing.

use jiff::civil::{Date, DateTime, Weekday};

pub(crate) const SECONDS_PER_DAY: i64 = 86_400;
pub(crate) const SECONDS_PER_HOUR: i64 = 3_600;
pub(crate) const SECONDS_PER_MINUTE: i64 = 60;

/// The years in which a series may start. Before them zones have no defined time.
pub(crate) const START_YEARS: std::ops::RangeInclusive<i16> = 1900..=2999;
/// The last year that is looked at: one before the last of `jiff`, so that no zone's offset leaves the calendar.
pub(crate) const LAST_YEAR: i64 = 9998;

/// A day, counted from 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Day(pub(crate) i64);

impl Day {
    pub(crate) fn of(date: Date) -> Self {
        let start = start_of_year(i64::from(date.year()));
        Self(start.0 + i64::from(date.day_of_year()) - 1)
    }

    pub(crate) fn date(self) -> Date {
        let (year, month, day) = self.civil();
        Date::constant(year as i16, month as i8, day as i8)
    }

    pub(crate) fn plus(self, days: i64) -> Self {
        Self(self.0 + days)
    }

    /// 0 is Monday.
    pub(crate) fn weekday(self) -> i64 {
        (self.0 + 3).rem_euclid(7)
    }

    /// The first day of the week that this day is in.
    pub(crate) fn start_of_week(self, week_start: i64) -> Self {
        Self(self.0 - (self.weekday() - week_start).rem_euclid(7))
    }

    pub(crate) fn year(self) -> i64 {
        self.civil().0
    }

    /// Months counted from January of the year 0.
    pub(crate) fn month_index(self) -> i64 {
        let (year, month, _) = self.civil();
        year * 12 + month - 1
    }

    /// Year, month, day: the era of 400 years is taken off first, and years begin in March while reckoning.
    fn civil(self) -> (i64, i64, i64) {
        let days = self.0 + 719_468;
        let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * march_month + 2) / 5 + 1;
        let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
        (era * 400 + year_of_era + i64::from(month <= 2), month, day)
    }
}

pub(crate) fn start_of_year(year: i64) -> Day {
    let before = year - 1;
    Day(before * 365 + before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400) - 719_162)
}

/// `month_index` as of [`Day::month_index`].
pub(crate) fn start_of_month(month_index: i64) -> Day {
    let (year, month) = (month_index.div_euclid(12), month_index.rem_euclid(12));
    let days_before = (0..month).map(|month| days_in_month(year, month + 1)).sum::<i64>();
    start_of_year(year).plus(days_before)
}

/// `month` from 1 to 12.
pub(crate) fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

pub(crate) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub(crate) fn days_in_year(year: i64) -> i64 {
    365 + i64::from(is_leap(year))
}

/// The first day of week 1: the first week with at least four days in the year (RFC 5545 §3.3.10, BYWEEKNO).
pub(crate) fn start_of_week_year(year: i64, week_start: i64) -> Day {
    start_of_year(year).plus(3).start_of_week(week_start)
}

/// The year whose numbered weeks hold this day.
pub(crate) fn week_year(day: Day, week_start: i64) -> i64 {
    day.start_of_week(week_start).plus(3).year()
}

pub(crate) fn weekday_number(weekday: Weekday) -> i64 {
    i64::from(weekday.to_monday_zero_offset())
}

/// A civil time, in seconds from 1970-01-01T00:00:00.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Local(pub(crate) i64);

impl Local {
    pub(crate) fn of(time: DateTime) -> Self {
        let seconds = i64::from(time.hour()) * SECONDS_PER_HOUR
            + i64::from(time.minute()) * SECONDS_PER_MINUTE
            + i64::from(time.second());
        Self::at(Day::of(time.date()), seconds)
    }

    pub(crate) fn at(day: Day, second_of_day: i64) -> Self {
        Self(day.0 * SECONDS_PER_DAY + second_of_day)
    }

    pub(crate) fn datetime(self) -> DateTime {
        let second = self.second_of_day();
        let (hour, minute) = (second / SECONDS_PER_HOUR, second % SECONDS_PER_HOUR / SECONDS_PER_MINUTE);
        self.day().date().at(hour as i8, minute as i8, (second % SECONDS_PER_MINUTE) as i8, 0)
    }

    pub(crate) fn day(self) -> Day {
        Day(self.0.div_euclid(SECONDS_PER_DAY))
    }

    pub(crate) fn second_of_day(self) -> i64 {
        self.0.rem_euclid(SECONDS_PER_DAY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_the_calendar_is_the_same_day_there_and_back() {
        let mut date = Date::constant(1899, 12, 31);
        let mut day = Day::of(date);
        while date.year() < 2405 {
            assert_eq!(day.date(), date);
            assert_eq!(Day::of(date), day);
            assert_eq!(day.weekday(), weekday_number(date.weekday()));
            assert_eq!(start_of_month(day.month_index()), Day::of(date.first_of_month()));
            assert_eq!(week_year(day, 0), i64::from(date.iso_week_date().year()));
            date = date.tomorrow().expect("not the last day of the calendar");
            day = day.plus(1);
        }
        assert_eq!(Day::of(Date::constant(1970, 1, 1)), Day(0));
    }
}
