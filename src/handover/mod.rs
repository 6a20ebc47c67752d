//! Handovers: exactly what one consumer loads, made from a credential in use.
//!
//! A [`Preset`] says which files a consumer loads. Its texts come from templates, which name [`Item`]s; a [`Plan`] reads
//! from them what is needed, so that nobody is asked for a secret that no file holds. [`Ingredients`] give each item its
//! value, [`Plan::make`] writes them down, each quoted as the format of its file has it, and checks the result.

mod catalogue;
mod deliver;
mod error;
mod format;
mod ingredients;
mod item;
mod made;
mod own;
mod place;
mod plan;
mod preset;
mod refresh;
mod render;
mod text;
mod verify;

pub use catalogue::{find, presets};
pub use deliver::{Delivered, Destination, deliver};
pub use error::HandoverError;
pub use ingredients::{Ingredients, proved_chain};
pub use item::{Item, Secret};
pub use made::{Handover, MadeFile};
pub use own::OwnTemplates;
pub use place::place;
pub use plan::Plan;
pub use preset::{Delivery, Preset};
pub use refresh::forget;
pub use render::FILTERS;
pub use verify::{Fault, State, Verified, verify};
