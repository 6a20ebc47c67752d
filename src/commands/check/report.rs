//! `--report FILE`: written whatever the verdict, never over another file.

use std::path::PathBuf;

use clap::Args;

use super::checked::One;
use super::machine;
use super::page::{About, Page, TEMPLATE};
use super::sample::sample;
use crate::commands::Context;
use crate::store::files;
use crate::ui::{Explained, Failure, InputError, Outcome, exit};

/// Arguments about the report.
#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// Write the result to a new FILE besides, as a page (HTML) to attach to a ticket
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

impl ReportArgs {
    /// The page, if one is wanted and could be written for one mailbox or `several`; before anything is done.
    pub fn page(&self, context: &Context, several: bool) -> Result<Option<Page>, Failure> {
        let Some(path) = &self.report else { return Ok(None) };
        files::check_new(path)?;
        let about = About { now: context.now, system: "a system", user_home: None };
        // What a template names is looked up only when a page is made of it.
        let page = Page::new(context.store.template(TEMPLATE)?)
            .and_then(|page| page.render(&about, &sample(several)).map(|_| page));
        page.map(Some).map_err(|detail| InputError::Template { name: TEMPLATE, detail }.into())
    }

    /// The outcome once the page is written. A page that cannot be written must not cost the result.
    pub fn written(&self, context: &Context, page: Option<Page>, all: &[One], outcome: Outcome) -> Outcome {
        let (Some(path), Some(page)) = (&self.report, page) else { return outcome };
        let system = machine::operating_system();
        let about = About { now: context.now, system: &system, user_home: context.user_home.as_deref() };
        let written = page
            .render(&about, all)
            .map_err(|detail| Failure::from(InputError::Template { name: TEMPLATE, detail }))
            .and_then(|html| Ok(files::write_result(path, html.as_bytes())?));
        match written {
            Ok(()) => {
                context.screen.note(&format!("The report is in {}.", path.display()));
                outcome
            }
            Err(failure) => {
                let why = Explained::from(&failure).message;
                context.screen.warning(&format!("the report was not written: {why}"));
                Outcome { exit: exit::FAILED, ..outcome }
            }
        }
    }
}
