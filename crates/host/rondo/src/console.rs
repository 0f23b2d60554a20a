//! What a person in front of the terminal reads.

use std::time::Instant;

use rondo_postgres::Progress;

/// Progress lines on stderr, each with the time since the start.
#[derive(Debug, Clone, Copy)]
pub struct Console {
    started: Instant,
}

impl Console {
    pub fn new() -> Self {
        Self { started: Instant::now() }
    }

    pub fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }
}

impl Progress for Console {
    fn step(&self, what: &str) {
        eprintln!("{:>6.2} s  {what}", self.seconds());
    }
}

/// Lines in a frame, for what must not be overlooked.
pub fn framed(lines: &[String]) -> String {
    let width = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    let mut text = format!("╭─{}─╮\n", "─".repeat(width));
    for line in lines {
        let padding = " ".repeat(width - line.chars().count());
        text.push_str(&format!("│ {line}{padding} │\n"));
    }
    text.push_str(&format!("╰─{}─╯", "─".repeat(width)));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_frame_fits_its_longest_line() {
        assert_eq!(framed(&["ab".into(), "é".into()]), "╭────╮\n│ ab │\n│ é  │\n╰────╯");
    }
}
