//! Ctrl-C at every question of a talk.

use crate::support::{Mailbox, PASSPHRASE, Program, Terminal};
use crate::visit::{INTEGRATION_REQUEST, LEAVE, MENU, REHEARSAL_REQUEST, Visit, answered, with_enter};

/// A question and its answer.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The words that are waited for.
    pub words: &'a str,
    /// What is typed; Enter follows.
    pub answer: &'a str,
    /// Whether something is written between this answer and the next question.
    pub writes: bool,
}

/// A talk of which the answers to `writing` have something written.
pub fn talk<'a>(asked: &[(&'a str, &'a str)], writing: &[&str]) -> Vec<Asked<'a>> {
    asked.iter().map(|(words, answer)| Asked { words, answer, writes: writing.contains(words) }).collect()
}

/// How many terminals are open at a time.
const SIDE_BY_SIDE: usize = 4;

/// Presses Ctrl-C at each question of `talk` in turn, every time in a home that `begin` makes. Asserts that the
/// run ends as one that was cancelled, says that nothing is lost, gives the terminal its echo back, and leaves
/// the home as it was when the question was asked: which is as it was before, but for what was written on the way.
pub fn loses_nothing<H: Send>(
    begin: impl Fn() -> H + Sync,
    program: impl Fn(&H) -> (Program, std::path::PathBuf) + Sync,
    size: Option<(u16, u16)>,
    talk: &[Asked<'_>],
) {
    let at = |number: usize| {
        let home = begin();
        let (program, watch) = program(&home);
        let mut typed: Vec<(&str, String)> =
            talk[..number].iter().map(|asked| (asked.words, with_enter(asked.answer))).collect();
        typed.push((talk[number].words, "\u{3}".into()));
        let typed: Vec<_> = typed.iter().map(|(words, answer)| (*words, answer.as_str())).collect();
        let terminal = Terminal { size, quick: true, watch: Some(watch) };
        let seen = program.in_terminal_like(&terminal, &typed);
        let place = format!("Ctrl-C at '{}', question {number}\n{}", talk[number].words, seen.screen);
        assert_eq!(seen.status, 130, "{place}");
        let end =
            &seen.screen[seen.screen.rfind("cancelled").unwrap_or_else(|| panic!("no word: {place}"))..];
        assert!(end.contains("nothing is lost"), "{place}");
        assert!(seen.echo, "the terminal was left without echo: {place}");
        assert_eq!(seen.trees.len(), number + 2, "{place}");
        assert_eq!(seen.trees[number], seen.trees[number + 1], "the home was changed: {place}");
        for (asked, trees) in talk[..number].iter().zip(seen.trees.windows(2)) {
            assert_eq!(trees[0] != trees[1], asked.writes, "what '{}' writes: {place}", asked.words);
        }
    };
    // Most of the time is spent waiting for the terminal.
    let questions: Vec<usize> = (0..talk.len()).collect();
    std::thread::scope(|scope| {
        for number in 0..SIDE_BY_SIDE {
            let (at, own) = (&at, questions.iter().skip(number).step_by(SIDE_BY_SIDE));
            scope.spawn(move || own.for_each(|number| at(*number)));
        }
    });
}

/// The wizard at the time of the tests.
fn wizard(mailbox: &Mailbox, size: Option<(u16, u16)>) -> (Program, std::path::PathBuf) {
    let visit = Visit::of(mailbox);
    let visit = if let Some((_, columns)) = size { visit.columns(columns) } else { visit };
    (visit.program(), mailbox.home())
}

#[test]
fn interrupt_at_any_question_of_a_request_loses_nothing() {
    let asked = talk(&[&INTEGRATION_REQUEST[..], &[LEAVE]].concat(), &["The same again"]);
    loses_nothing(Mailbox::none, |mailbox| wizard(mailbox, None), None, &asked);
}

#[test]
fn interrupt_at_a_line_that_is_edited_loses_nothing() {
    let asked = talk(&[&REHEARSAL_REQUEST[..], &[LEAVE]].concat(), &["The same again"]);
    let size = Some((40, 80));
    loses_nothing(Mailbox::none, |mailbox| wizard(mailbox, size), size, &asked);
}

#[test]
fn interrupt_at_any_question_of_an_import_loses_nothing() {
    let waiting = Mailbox::none();
    Visit::of(&waiting).through(&REHEARSAL_REQUEST);
    let answer = answered(&waiting, "reply.pem", crate::support::NOW);
    let begin = || {
        let mailbox = Mailbox::copy_of(&waiting.home());
        let downloads = mailbox.file("user/Downloads");
        std::fs::create_dir_all(&downloads).unwrap();
        std::fs::copy(&answer, downloads.join("reply.pem")).unwrap();
        mailbox
    };
    let asked = [
        (MENU, "1"),
        ("What next", "2"),
        ("Which one", "2"),
        ("Drag the file here", "~/Downloads/reply.pem"),
        ("Files [", ""),
        ("Go ahead", ""),
        ("Passphrase of the key", PASSPHRASE),
        LEAVE,
    ];
    let asked = talk(&asked, &["Passphrase of the key"]);
    loses_nothing(begin, |mailbox| wizard(mailbox, None), None, &asked);
}

#[test]
fn interrupt_while_noting_what_was_sent_loses_nothing() {
    let waiting = Mailbox::none();
    waiting.program().args(["request", "X26ABC1", "--ods", "X26", "--env", "integration"]).run().expect(0);
    let begin = || Mailbox::copy_of(&waiting.home());
    let asked = [(MENU, "1"), ("What next", "1"), ("go out", ""), ("Reference", ""), ("Go ahead", ""), LEAVE];
    loses_nothing(begin, |mailbox| wizard(mailbox, None), None, &talk(&asked, &["Go ahead"]));
}

#[test]
fn end_of_input_is_heard_like_an_interrupt() {
    let mailbox = Mailbox::none();
    for talk in [&[(MENU, "\u{4}")][..], &[(MENU, "1"), ("Which way", "\u{4}")]] {
        let seen = Visit::of(&mailbox).answer(talk);
        assert_eq!(seen.status, 130, "{}", seen.screen);
        assert!(seen.screen.contains("hint: nothing is lost"), "{}", seen.screen);
    }
}

#[test]
fn end_of_input_does_nothing_where_a_line_is_edited() {
    let mailbox = Mailbox::none();
    Visit::of(&mailbox).columns(80).through(&[(MENU, "\u{4}1"), ("Which way", "<")]);
}
