//! Questions, and the engines that are asked: python-dateutil, rrule.js, and the crate `rrule`.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs, thread};

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan};
use proptest::strategy::{Strategy, ValueTree};
use rondo_recurrence::{Frequency, Gap, Rule, Series, SeriesSpec, Until};

use crate::rules;

/// How many occurrences are compared at most.
const ASKED: usize = 40;

/// Instants in seconds since 1970, or why there are none.
pub type Answer = Result<Vec<i64>, String>;

/// A series, how we expand it, and what others are asked.
#[derive(Clone)]
pub struct Question {
    pub rule: Rule,
    pub start: DateTime,
    pub zone: &'static str,
    /// As far as others are asked, in civil time.
    pub horizon: DateTime,
    pub ours: Vec<i64>,
    pub asked: Asked,
}

/// How a question is put, and how its answer is read.
#[derive(Clone)]
pub struct Asked {
    /// Without an end.
    pub rule: String,
    pub start: DateTime,
    /// Whether others count, or go as far as the horizon.
    pub counted: bool,
    /// Instants that are not compared.
    pub ignored: Vec<fn(&Question, i64) -> bool>,
    pub relation: Relation,
}

/// What an answer must be to ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    Same,
    /// All of ours must be in it.
    Contains,
    /// Not comparable.
    Any,
}

impl std::fmt::Debug for Question {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} from {} in {}", self.rule, self.start, self.zone)
    }
}

/// Questions that we admit and that have an answer.
pub fn questions(count: u32) -> Vec<Question> {
    let mut runner = rules::runner(1);
    let strategy = (rules::rule(), rules::start(), rules::zone());
    let mut questions = Vec::new();
    while questions.len() < count as usize {
        let case = strategy.new_tree(&mut runner).expect("the strategy rejects nothing");
        questions.extend(question(case.current()));
    }
    questions
}

/// Others need an end to their search: `COUNT` if we get there, or else a horizon.
fn question((rule, start, zone): (String, DateTime, &'static str)) -> Option<Question> {
    let rule: Rule = rule.parse().ok()?;
    let horizon = start.checked_add(how_far(rule.frequency())).ok()?;
    let endless = rule.without_end();
    let counted = if rule.count().is_some() { rule } else { endless.clone() };
    let asked = Asked {
        rule: endless.to_string(),
        start,
        counted: counted.count().is_some(),
        ignored: Vec::new(),
        relation: Relation::Same,
    };
    let mut question = Question { rule: counted, start, zone, horizon, ours: Vec::new(), asked };
    question.ours = question.expand()?;
    question.asked.counted &= question.is_counted_to_its_end();
    (!question.ours.is_empty()).then_some(question)
}

fn how_far(frequency: Frequency) -> Span {
    match frequency {
        Frequency::Yearly | Frequency::Monthly => 12.years(),
        Frequency::Weekly | Frequency::Daily => 6.years(),
        Frequency::Hourly => 80.days(),
        Frequency::Minutely => 30.days(),
    }
}

impl Question {
    fn expand(&self) -> Option<Vec<i64>> {
        let spec = SeriesSpec {
            rule: self.rule.clone(),
            starts_at: self.start,
            zone: self.zone(),
            gap: Gap::Shift,
            skipped: BTreeSet::new(),
            added: BTreeSet::new(),
        };
        let series = Series::new(spec).ok()?;
        let instants = series.occurrences().map_while(Result::ok).map(|occurrence| occurrence.at.as_second());
        let horizon = self.instant(self.horizon);
        Some(instants.take_while(|at| *at < horizon).take(ASKED).collect())
    }

    pub fn zone(&self) -> TimeZone {
        rondo_zones::get(self.zone).expect("a zone that jiff knows")
    }

    pub fn instant(&self, local: DateTime) -> i64 {
        self.zone().to_timestamp(local).expect("a time within the calendar").as_second()
    }

    fn is_counted_to_its_end(&self) -> bool {
        self.rule.count().is_some_and(|count| self.ours.len() == (count as usize).min(ASKED))
    }

    /// Up to where both lists go, they are the same. Two days before the horizon the zone's offset makes no difference.
    pub fn is_answered_by(&self, answer: &Answer) -> bool {
        if self.asked.relation == Relation::Any {
            return true;
        }
        let Ok(theirs) = answer else { return false };
        let reach = |list: &[i64], is_cut: bool| list.last().copied().filter(|_| is_cut);
        let ours_is_cut = self.ours.len() >= ASKED || (!self.asked.counted && self.is_counted_to_its_end());
        let theirs_is_cut = theirs.len() >= ASKED;
        let horizon = (!self.asked.counted).then(|| self.instant(self.horizon - 2.days()));
        let reaches = [horizon, reach(&self.ours, ours_is_cut), reach(theirs, theirs_is_cut)];
        let reach = reaches.into_iter().flatten().min().unwrap_or(i64::MAX);
        let start = self.instant(self.start);
        let is_compared = |at: &i64| {
            (start..=reach).contains(at) && !self.asked.ignored.iter().any(|is_ignored| is_ignored(self, *at))
        };
        let mut ours = self.ours.iter().copied().filter(is_compared);
        if self.asked.relation == Relation::Contains {
            return ours.all(|at| theirs.contains(&at));
        }
        ours.eq(theirs.iter().copied().filter(is_compared))
    }

    /// The rule with an end that others understand: civil, or UTC.
    fn text(&self, until: Until) -> String {
        match self.rule.count().filter(|_| self.asked.counted) {
            Some(count) => format!("{};COUNT={count}", self.asked.rule),
            None => format!("{};UNTIL={until}", self.asked.rule),
        }
    }
}

/// Some of a list, as civil times.
pub fn readable(instants: &[i64], question: &Question) -> String {
    let local =
        |at: &i64| question.zone().to_datetime(Timestamp::from_second(*at).expect("within the calendar")).to_string();
    instants.iter().take(8).map(local).collect::<Vec<_>>().join(" ")
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Oracle {
    Dateutil,
    RruleJs,
    RruleCrate,
}

pub const ORACLES: [Oracle; 3] = [Oracle::Dateutil, Oracle::RruleJs, Oracle::RruleCrate];

impl Oracle {
    pub fn name(self) -> &'static str {
        match self {
            Self::Dateutil => "python-dateutil",
            Self::RruleJs => "rrule.js",
            Self::RruleCrate => "rrule (crate)",
        }
    }

    pub fn answers(self, questions: &[Question]) -> Vec<Answer> {
        match self {
            Self::Dateutil => {
                let python = dateutil_python();
                ask(Command::new(python).arg(here("dateutil_answers.py")).env("PYTHONTZPATH", ""), questions)
            }
            Self::RruleJs => {
                let script = rrulejs_script();
                let civil = ask(Command::new("node").arg(script), questions);
                civil
                    .into_iter()
                    .zip(questions)
                    .map(|(answer, question)| answer.map(|list| placed(list, question)))
                    .collect()
            }
            Self::RruleCrate => questions.iter().map(rrule_crate).collect(),
        }
    }
}

/// Civil times as instants of the question's zone.
fn placed(civil: Vec<i64>, question: &Question) -> Vec<i64> {
    let local = |at: i64| TimeZone::UTC.to_datetime(Timestamp::from_second(at).expect("within the calendar"));
    civil.into_iter().map(|at| question.instant(local(at))).collect()
}

fn rrule_crate(question: &Question) -> Answer {
    let until = Until::Utc(Timestamp::from_second(question.instant(question.horizon)).expect("within the calendar"));
    let start = question.asked.start.strftime("%Y%m%dT%H%M%S");
    let text = format!("DTSTART;TZID={}:{start}\nRRULE:{}", question.zone, question.text(until));
    let set: rrule::RRuleSet = text.parse().map_err(|error: rrule::RRuleError| error.to_string())?;
    Ok(set.all(ASKED as u16).dates.iter().map(|time| time.timestamp()).collect())
}

/// Writes a question a line to a program and reads an answer a line from it.
fn ask(program: &mut Command, questions: &[Question]) -> Vec<Answer> {
    let mut process = program.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the other engine starts");
    let mut input = process.stdin.take().expect("its input");
    let lines: Vec<String> = questions
        .iter()
        .map(|question| {
            let rule = question.text(Until::Local(question.horizon));
            format!("{rule}\t{}\t{}\t{ASKED}\n", question.asked.start, question.zone)
        })
        .collect();
    let writer = thread::spawn(move || input.write_all(lines.concat().as_bytes()));
    let output = process.wait_with_output().expect("the other engine ends");
    writer.join().expect("the questions are written").expect("the other engine reads them");
    let text = String::from_utf8(output.stdout).expect("answers are text");
    let answers: Vec<Answer> = text.lines().map(answer).collect();
    assert_eq!(answers.len(), questions.len(), "each question has an answer");
    answers
}

fn answer(line: &str) -> Answer {
    match line.strip_prefix("error: ") {
        Some(error) => Err(error.to_owned()),
        None => Ok(line.split_whitespace().map(|at| at.parse().expect("seconds")).collect()),
    }
}

fn here(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracles").join(file)
}

/// A Python with the pinned packages, made once in the target folder.
fn dateutil_python() -> PathBuf {
    installed("dateutil", &["requirements.txt"], |folder| {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder));
        let pip =
            ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "--requirement"];
        run(Command::new(folder.join("bin/python")).args(pip).arg(here("requirements.txt")));
    })
    .join("bin/python")
}

/// The script beside the pinned package, made once in the target folder.
fn rrulejs_script() -> PathBuf {
    let folder = installed("rrulejs", &["package.json", "package-lock.json", "rrulejs_answers.js"], |folder| {
        fs::create_dir_all(folder).expect("the target folder can be written");
        for file in ["package.json", "package-lock.json", "rrulejs_answers.js"] {
            fs::copy(here(file), folder.join(file)).expect("the target folder can be written");
        }
        run(Command::new("npm").args(["ci", "--silent", "--no-audit", "--no-fund"]).current_dir(folder));
    });
    folder.join("rrulejs_answers.js")
}

/// A folder that is made anew when one of the files that say what is in it has changed.
fn installed(name: &str, files: &[&str], install: impl FnOnce(&Path)) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let stamp = folder.join("installed");
    let wanted: String =
        files.iter().map(|file| fs::read_to_string(here(file)).expect("a file of the crate")).collect();
    if fs::read_to_string(&stamp).ok().as_ref() != Some(&wanted) {
        install(&folder);
        fs::write(&stamp, wanted).expect("the target folder can be written");
    }
    folder
}

fn run(command: &mut Command) {
    let status = command.status().unwrap_or_else(|error| {
        panic!("{command:?}: {error}. The tests against other engines need python3 (with venv), node and npm.")
    });
    assert!(status.success(), "{command:?}: {status}. Is the package registry reachable?");
}
