//! Secrets in the keyring of the operating system: Secret Service, Keychain or Credential Manager.
//!
//! A keyring that failed once is not asked again: each attempt may put a dialogue on somebody's screen.

pub mod entry;
mod error;

use std::sync::mpsc::channel;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use zeroize::Zeroizing;

pub use error::KeyringError;

/// Under this name the operating system lists our entries.
const SERVICE: &str = "mesh-onboard";

/// How long it may take to answer: somebody may have to find the password that unlocks it.
const PATIENCE: Duration = Duration::from_secs(120);

/// Why it failed, once it did. Threads ask in turns: one that is locked is to be unlocked once.
static FAILED: Mutex<Option<KeyringError>> = Mutex::new(None);

fn failed() -> MutexGuard<'static, Option<KeyringError>> {
    FAILED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lets the keyring be asked again after it failed: for commands that are about nothing else.
pub fn try_again() {
    *failed() = None;
}

/// Whether there is one that could be asked. It may be locked all the same.
pub fn is_here() -> Result<(), KeyringError> {
    ask(|| match keyring::Entry::store_status() {
        Ok(()) => Ok(()),
        Err(error) => Err(KeyringError::of_store(error)),
    })
}

/// What an entry holds; `None` if there is no such entry.
pub fn get(entry: &str) -> Result<Option<Zeroizing<String>>, KeyringError> {
    let entry = entry.to_owned();
    ask(move || match opened(&entry)?.get_password() {
        Ok(text) => Ok(Some(Zeroizing::new(text))),
        Err(keyring::Error::NoEntry) => Ok(None),
        Err(error) => Err(error.into()),
    })
}

/// Keeps a secret, in place of what the entry holds, and reads it back: only then is it safe to rely on.
pub fn keep(entry: &str, secret: &str) -> Result<(), KeyringError> {
    let (name, value) = (entry.to_owned(), Zeroizing::new(secret.to_owned()));
    ask(move || Ok(opened(&name)?.set_password(&value)?))?;
    match get(entry)? {
        Some(back) if *back == secret => Ok(()),
        _ => Err(KeyringError::Failed("the entry does not read back".into())),
    }
}

/// Forgets an entry; returns whether there was one.
pub fn forget(entry: &str) -> Result<bool, KeyringError> {
    let entry = entry.to_owned();
    ask(move || match opened(&entry)?.delete_credential() {
        Ok(()) => Ok(true),
        Err(keyring::Error::NoEntry) => Ok(false),
        Err(error) => Err(error.into()),
    })
}

fn opened(entry: &str) -> Result<keyring::Entry, KeyringError> {
    if let Err(error) = keyring::Entry::store_status() {
        return Err(KeyringError::of_store(error));
    }
    Ok(keyring::Entry::new(SERVICE, entry)?)
}

/// Asks the keyring, unless it has failed before.
fn ask<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, KeyringError> + Send + 'static,
) -> Result<T, KeyringError> {
    let mut failed = failed();
    if let Some(error) = &*failed {
        return Err(error.clone());
    }
    let (tell, told) = channel();
    // A dialogue that nobody sees, or a service that hangs, must not hold up what can go on without it.
    thread::spawn(move || drop(tell.send(work())));
    let answer = told.recv_timeout(patience()).unwrap_or(Err(KeyringError::NoAnswer));
    // What is wrong with one entry says nothing about the others.
    *failed = answer.as_ref().err().filter(|error| !matches!(error, KeyringError::Failed(_))).cloned();
    answer
}

#[cfg(not(feature = "test-hooks"))]
fn patience() -> Duration {
    PATIENCE
}

/// Tests have not the time of somebody who looks for a password.
#[cfg(feature = "test-hooks")]
fn patience() -> Duration {
    let set = std::env::var("MESH_ONBOARD_TEST_KEYRING_PATIENCE_MS").ok();
    set.and_then(|text| text.parse().ok()).map_or(PATIENCE, Duration::from_millis)
}
