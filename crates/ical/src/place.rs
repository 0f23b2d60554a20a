//! Where the content lines of a calendar stand in the file that somebody sent.

/// A calendar without the folds of its lines (RFC 5545 §3.1), which knows where they were.
pub(crate) struct Unfolded {
    text: String,
    /// Where in it each of its lines begins.
    starts: Vec<usize>,
    /// The number in the file, from 1, of each of its lines.
    lines: Vec<usize>,
}

impl Unfolded {
    pub(crate) fn new(file: &str) -> Self {
        let lines = file.split('\n').enumerate().filter(|(_, line)| !line.starts_with([' ', '\t']));
        let lines = lines.map(|(index, _)| index + 1).collect();
        let text = icalendar::parser::unfold(file);
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = std::iter::once(0).chain(ends.map(|(end, _)| end + 1)).collect();
        Self { text, starts, lines }
    }

    /// The calendars in it, as they follow one another.
    pub(crate) fn calendars(&self) -> Vec<&str> {
        const BEGIN: &[u8] = b"BEGIN:VCALENDAR";
        let mut starts = Vec::new();
        let mut offset = 0;
        for line in self.text.split_inclusive('\n') {
            if line.as_bytes().get(..BEGIN.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(BEGIN)) {
                starts.push(offset);
            }
            offset += line.len();
        }
        let ends = starts.iter().skip(1).copied().chain([self.text.len()]);
        starts.iter().zip(ends).map(|(start, end)| &self.text[*start..end]).collect()
    }

    /// The line of the file in which `part` of the text begins.
    pub(crate) fn line_of(&self, part: &str) -> Option<usize> {
        let offset = (part.as_ptr() as usize).checked_sub(self.text.as_ptr() as usize)?;
        if offset > self.text.len() {
            return None;
        }
        let begun = self.starts.partition_point(|start| *start <= offset);
        self.lines.get(begun.checked_sub(1)?).copied()
    }

    /// How deep the components in it are nested.
    pub(crate) fn depth(&self) -> usize {
        let (mut depth, mut deepest) = (0_usize, 0);
        for line in self.text.lines().map(str::trim_start) {
            let begins = |with: &str| line.get(..with.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(with));
            if begins("BEGIN:") {
                depth += 1;
            } else if begins("END:") {
                depth = depth.saturating_sub(1);
            }
            deepest = deepest.max(depth);
        }
        deepest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_where_it_stood_before_others_were_unfolded() {
        let file =
            "BEGIN:VCALENDAR\r\nSUMMARY:a\r\n b\r\n\tc\r\nDUE:x\r\nEND:VCALENDAR\r\nBEGIN:VCALENDAR\nEND:VCALENDAR\n";
        let unfolded = Unfolded::new(file);
        let calendars = unfolded.calendars();
        assert_eq!(calendars.len(), 2);
        assert!(calendars[0].contains("SUMMARY:abc\r\n"));
        let due = calendars[0].find("DUE").map(|at| &calendars[0][at..]);
        assert_eq!(due.and_then(|due| unfolded.line_of(due)), Some(5));
        assert_eq!(unfolded.line_of(calendars[1]), Some(7));
        assert_eq!(unfolded.depth(), 1);
    }
}
