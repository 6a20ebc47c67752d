//! Ways in which programs put the message together that is hashed.

use zeroize::Zeroizing;

use super::candidates::{Values, Variant};
use super::fault::Fault;
use super::terms::Field;

/// How the message is put together.
pub(super) struct Layout {
    fields: Vec<Field>,
    separator: &'static str,
    before: &'static str,
    after: &'static str,
}

impl Layout {
    fn of(fields: &[Field]) -> Self {
        Self { fields: fields.to_vec(), separator: ":", before: "", after: "" }
    }

    /// The message.
    pub(super) fn message(&self, values: &Values, password: &[u8]) -> Zeroizing<Vec<u8>> {
        let mut message = Zeroizing::new(Vec::with_capacity(256));
        message.extend_from_slice(self.before.as_bytes());
        for (at, field) in self.fields.iter().enumerate() {
            if at > 0 {
                message.extend_from_slice(self.separator.as_bytes());
            }
            message.extend_from_slice(match field {
                Field::Password => password,
                Field::Mailbox => values.mailbox.as_bytes(),
                Field::Nonce => values.nonce.as_bytes(),
                Field::NonceCount => values.count.as_bytes(),
                Field::Timestamp => values.timestamp.as_bytes(),
                Field::Hash => b"",
            });
        }
        message.extend_from_slice(self.after.as_bytes());
        message
    }
}

/// As the specification has it; then one mistake each, the likely ones marked.
pub(super) fn layouts() -> Vec<Variant<Layout>> {
    let standard = || Layout::of(&Field::MESSAGE);
    let likely = |fault, layout| Variant { value: layout, faults: vec![fault], likely: true };
    let mut found = vec![
        Variant::right(standard()),
        likely(Fault::MessageScheme, Layout { before: "NHSMESH ", ..standard() }),
        likely(Fault::MessageScheme, Layout { before: "NHSMESH:", ..standard() }),
        likely(Fault::MessageScheme, Layout { before: "NHSMESH", ..standard() }),
        likely(Fault::MessageSeparator, Layout { separator: "", ..standard() }),
        likely(Fault::MessageSeparator, Layout { after: ":", ..standard() }),
        likely(Fault::MessageLineEnd, Layout { after: "\n", ..standard() }),
        likely(Fault::MessageLineEnd, Layout { after: "\r\n", ..standard() }),
    ];
    for field in Field::MESSAGE {
        let kept: Vec<Field> = Field::MESSAGE.into_iter().filter(|kept| *kept != field).collect();
        found.push(likely(Fault::MessageField { field }, Layout::of(&kept)));
    }
    for order in orders(&Field::MESSAGE).into_iter().skip(1) {
        let fault = Fault::MessageOrder { order: order.clone() };
        let likely = order[0] == Field::Mailbox;
        found.push(Variant { value: Layout::of(&order), faults: vec![fault], likely });
    }
    found
}

/// Every order; the one given comes first.
pub(super) fn orders<T: Copy>(items: &[T]) -> Vec<Vec<T>> {
    if items.is_empty() {
        return vec![Vec::new()];
    }
    let mut found = Vec::new();
    for (at, first) in items.iter().enumerate() {
        let rest = [&items[..at], &items[at + 1..]].concat();
        found.extend(orders(&rest).into_iter().map(|order| [&[*first], order.as_slice()].concat()));
    }
    found
}
