//! A page of sections, of which each can be written anew without the others.

/// Sections are put before this one if the page does not have them yet: it judges what is above it.
const LAST: &str = "Aims";

/// The page with each section of `made` in the place of the one of its title; where there is none, it is new.
pub fn with_sections(page: &str, made: &str) -> String {
    let (head, mut sections) = split(page);
    for section in split(made).1 {
        let title = title(section);
        let last = sections.iter().position(|one| self::title(one) == LAST).unwrap_or(sections.len());
        match sections.iter_mut().find(|one| self::title(one) == title) {
            Some(there) => *there = section,
            None => sections.insert(last, section),
        }
    }
    let sections: Vec<String> = sections.into_iter().map(|section| format!("{}\n", section.trim_end())).collect();
    format!("{}\n\n{}", head.trim_end(), sections.join("\n"))
}

/// What is before the first heading, and each section from its heading on.
fn split(text: &str) -> (&str, Vec<&str>) {
    let starts: Vec<usize> = text.match_indices("## ").map(|(at, _)| at).filter(|at| begins_line(text, *at)).collect();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let sections = starts.iter().zip(ends).map(|(start, end)| &text[*start..end]).collect();
    (&text[..starts.first().copied().unwrap_or(text.len())], sections)
}

fn begins_line(text: &str, at: usize) -> bool {
    at == 0 || text[..at].ends_with('\n')
}

fn title(section: &str) -> &str {
    section.lines().next().unwrap_or_default().trim_start_matches("## ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# Page\n\nHead.\n\n## Requests\n\nold\n\n## Aims\n\nmet\n\n## Where the time goes\n\nhere\n";

    #[test]
    fn a_section_takes_the_place_of_the_one_of_its_title_and_the_others_stay() {
        let page = with_sections(PAGE, "## Requests\n\nnew\n\n");
        assert_eq!(page, PAGE.replace("old", "new"));
        assert_eq!(with_sections(&page, ""), page);
    }

    #[test]
    fn a_new_section_comes_before_the_aims() {
        let page = with_sections(PAGE, "## Events\n\nsoon\n");
        assert_eq!(page, PAGE.replace("## Aims", "## Events\n\nsoon\n\n## Aims"));
    }
}
