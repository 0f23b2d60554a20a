//! Values of the type TEXT (RFC 5545 §3.3.11). The library takes them apart, all but lists, and writes them as they are.

/// `text` as a value.
pub(crate) fn escaped(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    let text = text.replace("\r\n", "\n");
    for c in text.chars() {
        match c {
            '\\' | ',' | ';' => value.extend(['\\', c]),
            '\n' | '\r' => value.push_str("\\n"),
            c => value.push(c),
        }
    }
    value
}

/// The texts of a list of them.
pub(crate) fn list(value: &str) -> Vec<String> {
    let mut texts = vec![String::new()];
    let mut characters = value.chars();
    while let Some(c) = characters.next() {
        let c = match c {
            ',' => {
                texts.push(String::new());
                continue;
            }
            '\\' => match characters.next() {
                Some('n' | 'N') => '\n',
                Some(c) => c,
                None => '\\',
            },
            c => c,
        };
        texts.last_mut().into_iter().for_each(|text| text.push(c));
    }
    texts.retain(|text| !text.trim().is_empty());
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_divided_where_a_comma_is_not_escaped() {
        assert_eq!(list(r"home,a\, b,, c\;d\\"), ["home", "a, b", " c;d\\"]);
        assert_eq!(list(""), Vec::<String>::new());
    }

    #[test]
    fn what_divides_is_escaped_and_comes_back() {
        for text in ["a,b;c\\n", "one\ntwo", "\\"] {
            assert_eq!(list(&escaped(text)), [text]);
        }
        assert_eq!(escaped("one\r\ntwo"), "one\\ntwo");
    }
}
