//! The engine against three others, over rules, starts and zones at random from a fixed seed.
//!
//! Where one disagrees, a row of [`explanations`] must say why, and `docs/recurrence.md` must list it; it rewrites the
//! question so that the other engine gives our answer, which shows that nothing else is different.

#[path = "oracles/explanations.rs"]
mod explanations;
#[path = "oracles/oracles.rs"]
mod oracles;
#[path = "support/rules.rs"]
mod rules;

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::thread;

use explanations::{EXPLANATIONS, Explanation};
use oracles::{Answer, ORACLES, Oracle, Question};

/// How many questions each engine is asked.
const QUESTIONS: u32 = 2_000;
/// How many disagreements are printed.
const SHOWN: usize = 12;

#[test]
fn every_disagreement_with_another_engine_is_explained() {
    let questions = oracles::questions(QUESTIONS);
    let mut unexplained = Vec::new();
    let mut explained: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (oracle, disagreements) in ORACLES.into_iter().zip(side_by_side(&questions)) {
        println!("{}: {} of {} answers differ", oracle.name(), disagreements.len(), questions.len());
        for disagreement in disagreements {
            match disagreement.explanations[..] {
                [] => unexplained.push(disagreement),
                _ => {
                    for explanation in &disagreement.explanations {
                        *explained.entry((oracle.name(), explanation.name)).or_default() += 1;
                    }
                }
            }
        }
    }
    println!("{explained:#?}");
    let shown: Vec<String> = unexplained.iter().take(SHOWN).map(Disagreement::to_string).collect();
    assert!(unexplained.is_empty(), "{} disagreements are not explained:\n{}", unexplained.len(), shown.join("\n"));
    for explanation in EXPLANATIONS {
        let is_needed = explained.keys().any(|(_, name)| *name == explanation.name);
        assert!(is_needed, "`{}` explains nothing any more: remove it, also in docs/recurrence.md", explanation.name);
    }
}

#[test]
fn every_explanation_is_a_row_of_the_documentation() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/recurrence.md");
    let documentation = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    for explanation in EXPLANATIONS {
        let row = format!("| {} |", explanation.name);
        assert!(documentation.contains(&row), "docs/recurrence.md has no row that begins with `{row}`");
    }
}

/// A question that an engine answers otherwise.
struct Disagreement<'a> {
    oracle: Oracle,
    question: &'a Question,
    answer: Answer,
    explanations: Vec<&'static Explanation>,
}

impl std::fmt::Display for Disagreement<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let answer = match &self.answer {
            Ok(instants) => oracles::readable(instants, self.question),
            Err(error) => error.clone(),
        };
        let ours = oracles::readable(&self.question.ours, self.question);
        write!(f, "{} on {:?}\n  answers {answer}\n  we say  {ours}", self.oracle.name(), self.question)
    }
}

/// The disagreements of all engines, each asked in a thread of its own.
fn side_by_side(questions: &[Question]) -> Vec<Vec<Disagreement<'_>>> {
    thread::scope(|scope| {
        let asked = ORACLES.map(|oracle| scope.spawn(move || disagreements(oracle, questions)));
        asked.map(|engine| engine.join().unwrap_or_else(|panic| resume_unwind(panic))).into()
    })
}

/// Asks as it is; what differs, once more as each explanation that applies rewrites it, and at last as all of them do.
fn disagreements(oracle: Oracle, questions: &[Question]) -> Vec<Disagreement<'_>> {
    let answers = oracle.answers(questions);
    let differing = questions.iter().zip(answers).filter(|(question, answer)| !question.is_answered_by(answer));
    let mut differing: Vec<Disagreement> = differing
        .map(|(question, answer)| Disagreement { oracle, question, answer, explanations: Vec::new() })
        .collect();
    for attempt in 0..=EXPLANATIONS.len() {
        explain(oracle, differing.iter_mut().filter(|open| open.explanations.is_empty()), attempt);
    }
    differing
}

/// Tries the explanation of this number, or all together if it is behind the last.
fn explain<'a, 'q: 'a>(oracle: Oracle, open: impl Iterator<Item = &'a mut Disagreement<'q>>, attempt: usize) {
    let tried = EXPLANATIONS.get(attempt).map_or(EXPLANATIONS, std::slice::from_ref);
    let mut cases = Vec::new();
    for disagreement in open {
        let rows: Vec<_> = tried.iter().filter(|row| row.applies(oracle, disagreement.question)).collect();
        if !rows.is_empty() {
            let rewritten = rows.iter().fold(disagreement.question.clone(), |question, row| row.rewrite(question));
            cases.push((disagreement, rows, rewritten));
        }
    }
    let rewritten: Vec<Question> = cases.iter().map(|(.., rewritten)| rewritten.clone()).collect();
    for ((disagreement, rows, rewritten), answer) in cases.into_iter().zip(oracle.answers(&rewritten)) {
        if rewritten.is_answered_by(&answer) {
            disagreement.explanations = rows;
        }
    }
}
