use std::fmt;
use std::sync::Arc;

use minijinja::value::{Object, ObjectRepr};
use zeroize::Zeroizing;

/// A text in a template. It may be a secret: it is wiped when the last template lets go of it.
pub(super) struct Text(pub Zeroizing<String>);

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Text(hidden)")
    }
}

impl Object for Text {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn is_true(self: &Arc<Self>) -> bool {
        !self.0.is_empty()
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that goes into the file as it is, such as a name in a comment.
#[derive(Debug)]
pub(super) struct Bare(pub String);

impl Object for Bare {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
