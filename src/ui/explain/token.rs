//! What to do about an Authorization header that MESH refuses.

use crate::mesh::token::{Alteration, Fault, Secret};

/// Where the rest is right, this makes the header right.
pub fn token_remedy(fault: &Fault) -> String {
    let fixed = match fault {
        Fault::HeaderName => {
            "leave 'Authorization:' out of the value; if it was only pasted along, all is well with it"
        }
        Fault::Quotes => "leave the quotes out of the value",
        Fault::WhiteSpace => "HTTP drops it; some clients refuse to send it, so leave it out",
        Fault::LineEnd => "strip the line end: HTTP clients refuse such a value, or send a broken request",
        Fault::UnusualCharacter { .. } => {
            "it often comes with text that was copied from a document: type it again"
        }
        Fault::SchemeMissing => "begin the value with 'NHSMESH ', the space included",
        Fault::SchemeCase => "write NHSMESH in capitals",
        Fault::SchemeSpace => "put exactly one space between NHSMESH and the mailbox, and no colon",
        Fault::SchemeTwice => "add NHSMESH once: an HTTP library may do it as well as your program",
        Fault::FieldCount { .. } | Fault::FieldOrder { .. } => {
            "write NHSMESH MAILBOX:NONCE:NONCE_COUNT:TIMESTAMP:HASH"
        }
        Fault::FieldPadded { .. } => "leave the white space out, in the header and in what is hashed",
        Fault::SecretInHeader { which: Secret::Password } => {
            "leave the password out of the header, and if it was sent or logged, ask for a new one"
        }
        Fault::SecretInHeader { which: Secret::SharedKey } => {
            "leave the shared key out of the header, and if it was sent or logged, tell the service desk"
        }
        Fault::MailboxCase => "write the mailbox in capitals, in the header and in what is hashed",
        Fault::MailboxOther { .. } => {
            "use the mailbox that is in the path of the request, and its own password"
        }
        Fault::NonceEmpty | Fault::NonceNotGuid => "make a new random GUID (UUID version 4) for each request",
        Fault::CountNotDigits => "write the nonce count as a decimal number, such as 0",
        Fault::TimestampSeconds => "end with the minutes, in the header and in what is hashed: yyyyMMddHHmm",
        Fault::TimestampIso | Fault::TimestampEpoch | Fault::TimestampForm => {
            "write the time in UTC as yyyyMMddHHmm, such as 202606011200, in the header and in what is hashed"
        }
        Fault::TimestampOld { .. } => {
            "make a new header for every request; if it is new, take the time in UTC and check the clock"
        }
        Fault::TimestampAhead { .. } => "take the time in UTC, not local time, and check the clock",
        Fault::TimestampLocal { british: true, .. } => {
            "take the time in UTC, not local time: an hour off is within the two that MESH takes, and uses up half of them"
        }
        Fault::TimestampLocal { .. } => "take the time in UTC, not local time",
        Fault::TimestampTwelveHours => "write the hour from 00 to 23: HH, not hh",
        Fault::HashCase => "write the hash in lower case",
        Fault::HashBase64 | Fault::HashNotHex => "write the hash as 64 hexadecimal digits in lower case",
        Fault::HashSeparators => "leave the separators out of the hash (.NET: Convert.ToHexStringLower)",
        Fault::HashLength { .. } | Fault::HashAlgorithm { .. } => "use HMAC-SHA-256: 64 hexadecimal digits",
        Fault::HashTruncated { .. } => "send all 64 digits of the hash, and nothing after them",
        Fault::HashUnkeyed => {
            "use HMAC-SHA-256 with the shared key as its key; whoever has seen this header can try passwords against it"
        }
        Fault::HashArguments => {
            "give the shared key as the key of the HMAC, and the five fields as its message"
        }
        Fault::MessageOrder { .. } | Fault::MessageField { .. } => {
            "hash MAILBOX:NONCE:NONCE_COUNT:PASSWORD:TIMESTAMP"
        }
        Fault::MessageScheme => "leave NHSMESH out of what is hashed",
        Fault::MessageSeparator => {
            "join the five fields that are hashed by single colons, with none at the end"
        }
        Fault::MessageLineEnd => "hash without a line end: printf instead of echo",
        Fault::MessageUtf16 => "encode what is hashed, and the key, in UTF-8 (.NET: Encoding.UTF8)",
        Fault::MessageMailbox { .. } => "hash the mailbox as the header has it, in capitals",
        Fault::MessageNonce => "hash the nonce as the header has it, letter by letter",
        Fault::MessageCount { .. } => {
            "hash the nonce count that stands in the header: count up before, or after both"
        }
        Fault::MessageTimestamp { .. } => {
            "take the time once, in UTC, and use it in the header and in what is hashed"
        }
        Fault::SecretsSwapped => {
            "the shared key is the key of the HMAC, the mailbox password is in its message: look how they are set"
        }
        Fault::SecretAltered { which, how } => return altered(*which, *how),
        Fault::SandboxKey { .. } => "set the shared key of this environment in your program",
        Fault::SecretsDiffer => {
            "mailbox password or shared key differ from those that it was made with, and nobody can tell which, MESH included: compare both with what your program has, for this mailbox and environment"
        }
    };
    fixed.to_owned()
}

fn altered(which: Secret, how: Alteration) -> String {
    let cure = match how {
        Alteration::LineEnd | Alteration::WhiteSpace => {
            "strip it where your program reads it: files, variables and vaults often end with one"
        }
        Alteration::Quotes => "take the quotes away where it is set: some settings files keep them",
        Alteration::ByteOrderMark => "save the file that it comes from as UTF-8 without a byte order mark",
        Alteration::Case => "use it letter by letter as it is",
        Alteration::Base64Encoded => "decode it first: Kubernetes and some vaults keep base64",
        Alteration::Base64Decoded | Alteration::HexDecoded => "use its characters as they are",
        Alteration::Cut => "quote it where it is set, so that no shell or settings file reads a part of it",
        Alteration::Latin1 => "encode it in UTF-8",
        Alteration::Empty => "set it: your program found none",
    };
    format!("look at how your program gets the {which}: {cure}")
}
