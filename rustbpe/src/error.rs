//! Everything that can go wrong, one sentence each.

use std::fmt;

/// Why the crate could not do what it was asked to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BpeError {
    /// A vocabulary that cannot hold the 256 bytes.
    VocabSize(usize),
    /// A pattern that is no regular expression.
    Pattern(String),
    /// A pattern that is one, and needs more steps on some text than the engine grants.
    GaveUp(String),
    /// An id that stands for no token.
    UnknownId(String),
    /// A file, or a list of tokens, that is no vocabulary.
    Vocab(String),
    /// More tokens than ids.
    TooLarge,
    /// The caller wants no more: Ctrl-C, or an error in another thread.
    Interrupted,
}

/// What every fallible function of the crate returns.
pub type Result<T> = std::result::Result<T, BpeError>;

impl fmt::Display for BpeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::VocabSize(size) => write!(
                f,
                "vocab_size is {size}, but the 256 bytes are tokens too: ask for 256 or more"
            ),
            Self::Pattern(why) => write!(f, "the pattern is not a regular expression: {why}"),
            Self::GaveUp(why) => write!(
                f,
                "the pattern backtracks too much on this text ({why}); simplify it, or use \
                 possessive quantifiers such as ++"
            ),
            Self::UnknownId(id) => write!(f, "no token has the id {id}"),
            Self::Vocab(why) => f.write_str(why),
            Self::TooLarge => f.write_str("there are more tokens than ids of 32 bits"),
            Self::Interrupted => f.write_str("interrupted"),
        }
    }
}

impl std::error::Error for BpeError {}
