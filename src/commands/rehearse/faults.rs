//! `rehearse --serve --fault`.

use clap::Args;

use crate::rehearsal::{FaultRule, Faults};

/// What the rehearsal MESH does wrong on purpose.
#[derive(Debug, Args)]
pub struct FaultArgs {
    /// With --serve: let something go wrong on purpose, such as 'POST /outbox/*/* status=503 retry-after=2
    /// times=3', 'POST /outbox drop-answer', 'GET /inbox/** cut-response=1MB' or 'connect refuse'. May be
    /// given several times; docs/rehearsal-faults.md has all
    #[arg(long = "fault", value_name = "RULE", requires = "serve")]
    rules: Vec<FaultRule>,
}

impl FaultArgs {
    /// The switches for the server.
    pub fn faults(&self) -> Faults {
        Faults::new(self.rules.iter().cloned())
    }

    /// How often each rule has happened, a line each.
    pub fn told(&self, fired: &[u64]) -> Vec<String> {
        let line = |(rule, fired): (&FaultRule, &u64)| match fired {
            1 => format!("fault '{rule}': once"),
            fired => format!("fault '{rule}': {fired} times"),
        };
        self.rules.iter().zip(fired).map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use clap::error::ErrorKind;

    use super::*;

    #[derive(Debug, Parser)]
    struct Command {
        #[arg(long)]
        serve: bool,
        #[command(flatten)]
        faults: FaultArgs,
    }

    fn parsed(arguments: &[&str]) -> Result<Command, clap::Error> {
        Command::try_parse_from(["rehearse"].iter().chain(arguments))
    }

    #[test]
    fn switches_are_taken_in_their_order_and_only_by_the_server() {
        let command =
            parsed(&["--serve", "--fault", "connect refuse", "--fault", "* delay=1s"]).expect("two rules");
        assert!(command.serve);
        assert_eq!(command.faults.rules, ["connect refuse", "* delay=1s"].map(|rule| rule.parse().unwrap()));
        assert!(!command.faults.faults().is_empty());
        assert!(parsed(&["--serve"]).unwrap().faults.faults().is_empty());
        let alone = parsed(&["--fault", "connect refuse"]).unwrap_err();
        assert_eq!(alone.kind(), ErrorKind::MissingRequiredArgument);
    }

    #[test]
    fn bad_rule_is_wrong_usage_that_names_rule_and_place() {
        let error =
            parsed(&["--serve", "--fault", "* delay=1s", "--fault", "GET /inbox corupt"]).unwrap_err();
        assert_eq!((error.kind(), error.exit_code()), (ErrorKind::ValueValidation, 2));
        let text = error.to_string();
        assert!(text.contains("'GET /inbox corupt' for '--fault <RULE>'"), "{text}");
        assert!(text.contains("at character 12, \"corupt\": here may stand"), "{text}");
    }
}
