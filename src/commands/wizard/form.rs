//! Questions in a row, of which each can be taken back.

use crate::ui::{Failure, Reply};

/// Which way a dialogue goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// To what follows.
    On,
    /// To the question before.
    Back,
    /// There was nothing to ask: the way it came.
    Skip,
}

/// A question that keeps its answer in `A`.
pub type Step<'a, A> = &'a dyn Fn(&mut A) -> Result<Turn, Failure>;

/// Asks `steps` one after the other. Back from the first leaves the form.
pub fn fill<A>(answers: &mut A, steps: &[Step<'_, A>]) -> Result<Turn, Failure> {
    let (mut at, mut way) = (0, Turn::On);
    while at < steps.len() {
        let turn = steps[at](answers)?;
        way = if turn == Turn::Skip { way } else { turn };
        match way {
            Turn::Back if at == 0 => return Ok(Turn::Back),
            Turn::Back => at -= 1,
            _ => at += 1,
        }
    }
    Ok(Turn::On)
}

/// Keeps an answer.
pub fn keep<T>(place: &mut Option<T>, reply: Reply<T>) -> Turn {
    match reply {
        Reply::Answer(value) => {
            *place = Some(value);
            Turn::On
        }
        Reply::Back => Turn::Back,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    /// Steps that answer with the turns of a script, and the order in which they were asked.
    fn asked(script: &[(usize, Turn)]) -> (Turn, Vec<usize>) {
        let (script, asked) = (RefCell::new(script.iter()), RefCell::new(Vec::new()));
        let step = |number: usize| {
            let (script, asked) = (&script, &asked);
            move |_: &mut ()| {
                asked.borrow_mut().push(number);
                let (expected, turn) = script.borrow_mut().next().expect("the script goes on");
                assert_eq!(*expected, number);
                Ok(*turn)
            }
        };
        let turn = fill(&mut (), &[&step(0), &step(1), &step(2)]).expect("no step fails");
        (turn, asked.take())
    }

    #[test]
    fn one_step_back_asks_the_question_before_again() {
        use Turn::{Back, On};
        let (turn, order) = asked(&[(0, On), (1, On), (2, Back), (1, On), (2, On)]);
        assert_eq!((turn, order), (On, vec![0, 1, 2, 1, 2]));
        assert_eq!(asked(&[(0, On), (1, Back), (0, Back)]).0, Back);
    }

    #[test]
    fn questions_that_need_no_answer_are_passed_both_ways() {
        use Turn::{Back, On, Skip};
        let (turn, order) = asked(&[(0, On), (1, Skip), (2, Back), (1, Skip), (0, On), (1, Skip), (2, On)]);
        assert_eq!((turn, order), (On, vec![0, 1, 2, 1, 0, 1, 2]));
    }
}
