//! Any text: reading it as a rule never panics, and what is read prints as the same rule.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rondo_recurrence::Rule;

fuzz_target!(|text: &str| {
    if let Ok(rule) = text.parse::<Rule>() {
        assert_eq!(rule.to_string().parse::<Rule>().as_ref(), Ok(&rule));
        assert!(!rule.summary().is_empty());
    }
});
