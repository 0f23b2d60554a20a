//! What a person is told of a reminder, when they are not to be disturbed, and where programs of theirs may be told.

use core::net::IpAddr;
use std::fmt;

use jiff::civil::{DateTime, Time};

use crate::ValueError;

/// What a notification of a reminder is composed of: what it is about, as it stands when the reminder has fallen due. The times
/// are those of the person's clocks.
#[derive(Debug, Clone, Copy)]
pub struct Occasion<'a> {
    /// When it is due, if it is.
    pub due: Option<DateTime>,
    /// The time that the reminder was set to.
    pub scheduled_for: DateTime,
    /// Whose clocks: the zone's name.
    pub zone: &'a str,
    /// Whether it could not be told at its time.
    pub is_late: bool,
}

impl Occasion<'_> {
    /// The notification's text (its title is the task's): when the task is due, and if it comes late, that it does.
    #[must_use]
    pub fn body(&self) -> String {
        self.text(!self.is_late)
    }

    /// The notification's text once its time is past, because nobody was to be disturbed then, or could be reached: the same,
    /// but nothing is due now.
    #[must_use]
    pub fn body_afterwards(&self) -> String {
        self.text(false)
    }

    fn text(&self, is_on_time: bool) -> String {
        let due = self.due.map(|due| {
            if due == self.scheduled_for && is_on_time {
                "Due now".to_owned()
            } else {
                format!("Due {}", self.shown(due))
            }
        });
        let late = self
            .is_late
            .then(|| format!("This reminder was for {}; Rondo was not running then.", self.shown(self.scheduled_for)));
        match (due, late) {
            (Some(due), Some(late)) => format!("{due}. {late}"),
            (Some(only), None) | (None, Some(only)) => only,
            (None, None) => String::new(),
        }
    }

    /// A time as it is written out. UTC is named: it is hardly anybody's zone, but what stands where none was chosen.
    fn shown(&self, time: DateTime) -> String {
        let suffix = if self.zone == "UTC" { " UTC" } else { "" };
        let year = if time.year() == self.scheduled_for.year() { String::new() } else { format!(" {}", time.year()) };
        format!("{}{year}, {}{suffix}", time.strftime("%a %-d %b"), time.strftime("%H:%M"))
    }
}

/// From when until when no channel but the page is used, in times of day of the person's zone. Across midnight if it ends
/// earlier than it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietHours {
    from: TimeOfDay,
    until: TimeOfDay,
}

impl QuietHours {
    /// Those between two times.
    ///
    /// # Errors
    /// The times are the same: that would be always or never.
    pub fn new(from: TimeOfDay, until: TimeOfDay) -> Result<Self, ValueError> {
        if from == until {
            return Err(ValueError::new("must be another time than from"));
        }
        Ok(Self { from, until })
    }

    /// When they begin.
    #[must_use]
    pub fn from(self) -> TimeOfDay {
        self.from
    }

    /// When they are over.
    #[must_use]
    pub fn until(self) -> TimeOfDay {
        self.until
    }
}

/// A time of day, to the minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeOfDay(Time);

impl TimeOfDay {
    /// The time that `text` names: `00:00` to `23:59`.
    ///
    /// # Errors
    /// It is none.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        let wrong = || ValueError::new("must be a time of day such as 22:00");
        let shaped = text.len() == 5
            && text.bytes().enumerate().all(|(index, c)| if index == 2 { c == b':' } else { c.is_ascii_digit() });
        let (hour, minute) = text.split_once(':').filter(|_| shaped).ok_or_else(wrong)?;
        let hour = hour.parse().map_err(|_| wrong())?;
        let minute = minute.parse().map_err(|_| wrong())?;
        Time::new(hour, minute, 0, 0).map(Self).map_err(|_| wrong())
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.strftime("%H:%M").fmt(formatter)
    }
}

/// Which addresses a person may have something sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Those of the open internet, by https.
    Public,
    /// Those of the own network too, and by http: the operator allows it.
    Anywhere,
}

/// An address that something is sent to because a person says so: a webhook's, or a push service's. Whether its name leads to a
/// private network is seen when it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboundUrl(String);

impl OutboundUrl {
    /// The most characters of an address.
    pub const MAX_CHARACTERS: usize = 2000;

    /// The address that `text` is.
    ///
    /// # Errors
    /// It is none, has credentials or a fragment, or leads where `reach` does not.
    pub fn parse(text: &str, reach: Reach) -> Result<Self, ValueError> {
        if text.len() > Self::MAX_CHARACTERS {
            return Err(ValueError::new(format!("must be at most {} characters long", Self::MAX_CHARACTERS)));
        }
        let rest = after_scheme(text, reach)?;
        if !text.bytes().all(|c| c.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&c)) {
            return Err(ValueError::new("must be percent-encoded: it has characters that no URL has"));
        }
        if text.contains('#') {
            return Err(ValueError::new("must have no fragment (#…): it is not sent"));
        }
        let authority = &rest[..rest.find(['/', '?']).unwrap_or(rest.len())];
        if authority.contains('@') {
            return Err(ValueError::new("must have no user name or password before the host"));
        }
        check_host(host_of(authority)?, reach)?;
        Ok(Self(text.to_owned()))
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn after_scheme(text: &str, reach: Reach) -> Result<&str, ValueError> {
    let of = |scheme: &str| {
        text.get(..scheme.len()).filter(|begin| begin.eq_ignore_ascii_case(scheme)).map(|_| &text[scheme.len()..])
    };
    match (of("https://"), of("http://"), reach) {
        (Some(rest), _, _) | (None, Some(rest), Reach::Anywhere) => Ok(rest),
        _ => Err(ValueError::new("must be an address that begins with https://")),
    }
}

/// The host of `host` or `host:port`.
fn host_of(authority: &str) -> Result<&str, ValueError> {
    let end = authority.rfind(']').map_or(0, |bracket| bracket + 1);
    let (host, port) = match authority[end..].find(':') {
        Some(colon) => (&authority[..end + colon], Some(&authority[end + colon + 1..])),
        None => (authority, None),
    };
    let is_port =
        |port: &str| port.bytes().all(|c| c.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0);
    if port.is_some_and(|port| !is_port(port)) {
        return Err(ValueError::new("must have a port from 1 to 65535, or none"));
    }
    Ok(host)
}

fn check_host(host: &str, reach: Reach) -> Result<(), ValueError> {
    let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let address = match bracketed {
        Some(inner) => inner.parse().map(IpAddr::V6).ok(),
        None => host.parse().map(IpAddr::V4).ok(),
    };
    let is_private = match address {
        Some(address) => !is_public(address),
        None if bracketed.is_some() || !is_name(host) => {
            return Err(ValueError::new("must have a host, such as example.com"));
        }
        None => !host.contains('.') || host.to_ascii_lowercase().ends_with(".localhost"),
    };
    if is_private && reach == Reach::Public {
        return Err(ValueError::new("must lead to the open internet: this host is of a private network"));
    }
    Ok(())
}

/// Whether `host` is a name, and none that some read as an address (`127.1`, `0x7f.1`).
fn is_name(host: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len()) && label.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_'))
    };
    let last = host.rsplit('.').next().unwrap_or_default();
    host.len() <= 253 && host.split('.').all(is_label) && !last.starts_with(|c: char| c.is_ascii_digit())
}

/// Whether an address lies in the open internet (<https://www.iana.org/assignments/iana-ipv4-special-registry/> and the one for IPv6).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            let is_special = v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_multicast()
                || v4.is_documentation()
                || matches!(
                    (a, b, c),
                    (0 | 240.., _, _) | (100, 64..128, _) | (192, 0, 0) | (192, 88, 99) | (198, 18..20, _)
                );
            !is_special
        }
        // Of the rest of the space nothing is given out but 2000::/3; those that carry an IPv4 address are not needed here.
        IpAddr::V6(v6) => {
            let segments = v6.segments();
            let is_global = segments[0] & 0xe000 == 0x2000;
            is_global
                && segments[0] != 0x2002
                && !(segments[0] == 0x2001 && (segments[1] < 0x200 || segments[1] == 0xdb8))
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn occasion(due: Option<DateTime>, is_late: bool) -> Occasion<'static> {
        let scheduled_for = date(2026, 11, 21).at(14, 30, 0, 0);
        Occasion { due, scheduled_for, zone: "Europe/Berlin", is_late }
    }

    #[test]
    fn a_notification_says_when_the_task_is_due() {
        let due = date(2026, 11, 21).at(15, 0, 0, 0);
        assert_eq!(occasion(Some(due), false).body(), "Due Sat 21 Nov, 15:00");
        assert_eq!(occasion(Some(date(2026, 11, 21).at(14, 30, 0, 0)), false).body(), "Due now");
        assert_eq!(occasion(None, false).body(), "");
    }

    #[test]
    fn afterwards_nothing_is_due_now() {
        let due = date(2026, 11, 21).at(14, 30, 0, 0);
        assert_eq!(occasion(Some(due), false).body_afterwards(), "Due Sat 21 Nov, 14:30");
        assert_eq!(occasion(None, false).body_afterwards(), "");
        assert_eq!(occasion(Some(due), true).body_afterwards(), occasion(Some(due), true).body());
    }

    #[test]
    fn a_time_of_another_year_names_it_and_utc_is_named() {
        let told = Occasion { zone: "UTC", ..occasion(Some(date(2027, 1, 1).at(0, 5, 0, 0)), false) };
        assert_eq!(told.body(), "Due Fri 1 Jan 2027, 00:05 UTC");
    }

    #[test]
    fn what_comes_late_says_when_it_was_for() {
        let late = "This reminder was for Sat 21 Nov, 14:30; Rondo was not running then.";
        assert_eq!(occasion(None, true).body(), late);
        let due = date(2026, 11, 21).at(14, 30, 0, 0);
        assert_eq!(occasion(Some(due), true).body(), format!("Due Sat 21 Nov, 14:30. {late}"));
    }

    #[test]
    fn a_time_of_day_has_hours_and_minutes() {
        assert_eq!(TimeOfDay::parse("07:05").map(|time| time.to_string()), Ok("07:05".to_owned()));
        for refused in ["", "7:05", "24:00", "22:60", "22:00:00", "２２:00", "+1:00", "22-00"] {
            assert!(TimeOfDay::parse(refused).is_err(), "{refused:?} was taken");
        }
    }

    #[test]
    fn quiet_hours_end_at_another_time_than_they_begin() {
        let at = |text| TimeOfDay::parse(text).expect("a time");
        assert!(QuietHours::new(at("22:00"), at("07:00")).is_ok());
        assert!(QuietHours::new(at("22:00"), at("22:00")).is_err());
    }

    #[test]
    fn addresses_of_the_open_internet_are_taken() {
        let long = format!("https://example.com/{}", "x".repeat(1980));
        for taken in [
            "https://example.com",
            "HTTPS://hooks.example.com:8443/a/b?c=d&e=%20",
            "https://xn--bcher-kva.example/",
            "https://93.184.216.34/hook",
            "https://[2606:2800:220:1:248:1893:25c8:1946]:443/hook",
            long.as_str(),
        ] {
            assert!(OutboundUrl::parse(taken, Reach::Public).is_ok(), "{taken} was refused");
        }
    }

    #[test]
    fn what_is_no_address_or_leads_into_a_private_network_is_refused() {
        for refused in [
            "",
            "example.com",
            "http://example.com",
            "ftp://example.com",
            "https://",
            "https:///hook",
            "https://user:password@example.com",
            "https://user@example.com",
            "https://example.com#part",
            "https://example.com/a b",
            "https://bücher.example",
            "https://example.com:0",
            "https://example.com:65536",
            "https://example.com:+80",
            "https://exa\\mple.com",
            "https://.example.com",
            "https://localhost/hook",
            "https://app.localhost",
            "https://postgres:5432",
            "https://127.0.0.1",
            "https://127.1",
            "https://2130706433",
            "https://0x7f.0.0.1",
            "https://0177.0.0.1",
            "https://10.0.0.1",
            "https://172.31.255.255",
            "https://192.168.1.1",
            "https://169.254.169.254/latest/meta-data",
            "https://100.64.0.1",
            "https://0.0.0.0",
            "https://255.255.255.255",
            "https://[::1]",
            "https://[::ffff:127.0.0.1]",
            "https://[fe80::1]",
            "https://[fd00::1]",
            "https://[64:ff9b::7f00:1]",
            "https://[2002:7f00:1::]",
            "https://[::1",
            "https://[example.com]",
        ] {
            assert!(OutboundUrl::parse(refused, Reach::Public).is_err(), "{refused} was taken");
        }
        assert!(OutboundUrl::parse(&format!("https://example.com/{}", "x".repeat(1981)), Reach::Public).is_err());
    }

    #[test]
    fn an_operator_may_allow_the_own_network_but_no_nonsense() {
        for taken in ["http://127.0.0.1:8080/hook", "http://nas/hook", "https://[::1]/", "https://example.com"] {
            assert!(OutboundUrl::parse(taken, Reach::Anywhere).is_ok(), "{taken} was refused");
        }
        for refused in ["ftp://nas", "http://user@nas", "http://", "http://127.1"] {
            assert!(OutboundUrl::parse(refused, Reach::Anywhere).is_err(), "{refused} was taken");
        }
    }
}
