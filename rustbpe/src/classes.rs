//! The class of every character, from the tables that the regex engine uses too.

use std::sync::OnceLock;

use regex_syntax::hir::{Class, HirKind};

use crate::error::{BpeError, Result};

/// How many code points there are.
const CODE_POINTS: usize = char::MAX as usize + 1;

/// For each code point, its class.
pub type Classes = [u8; CODE_POINTS];

/// Neither letter, number nor whitespace.
pub const OTHER: u8 = 0;
/// `\p{L}`
pub const LETTER: u8 = 1;
/// `\p{N}`
pub const NUMBER: u8 = 2;
/// `\s`, but for the two below.
pub const SPACE: u8 = 3;
/// Carriage return, line feed.
pub const NEWLINE: u8 = 4;
/// Behind the last character.
pub const END: u8 = 5;

/// The table, built once: 1.1 MB, of which text in one script touches a few pages.
pub fn classes() -> Result<&'static Classes> {
    static TABLE: OnceLock<Box<Classes>> = OnceLock::new();
    if let Some(table) = TABLE.get() {
        return Ok(table);
    }
    let table = build()?;
    Ok(TABLE.get_or_init(|| table))
}

fn build() -> Result<Box<Classes>> {
    let mut table = vec![OTHER; CODE_POINTS];
    for (pattern, class) in [
        (r"\p{L}", LETTER),
        (r"\p{N}", NUMBER),
        (r"\s", SPACE),
        (r"[\r\n]", NEWLINE),
    ] {
        for (first, last) in ranges(pattern)? {
            if let Some(range) = table.get_mut(first as usize..=last as usize) {
                range.fill(class);
            }
        }
    }
    table
        .into_boxed_slice()
        .try_into()
        .map_err(|_| BpeError::TooLarge)
}

/// The first and last characters of each range in the class.
fn ranges(pattern: &str) -> Result<Vec<(char, char)>> {
    let hir = regex_syntax::parse(pattern).map_err(|error| BpeError::Pattern(error.to_string()))?;
    match hir.into_kind() {
        HirKind::Class(Class::Unicode(class)) => Ok(class
            .iter()
            .map(|range| (range.start(), range.end()))
            .collect()),
        _ => Err(BpeError::Pattern(format!("{pattern} is no class"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_have_the_classes_one_expects() {
        let classes = classes().unwrap();
        let class = |c: char| classes[c as usize];
        assert_eq!(
            "aZéßΩж中ªſ".chars().map(class).collect::<Vec<_>>(),
            [LETTER; 9]
        );
        assert_eq!("09½²Ⅷ٣".chars().map(class).collect::<Vec<_>>(), [NUMBER; 6]);
        assert_eq!(
            " \t\u{b}\u{85}\u{a0}\u{3000}"
                .chars()
                .map(class)
                .collect::<Vec<_>>(),
            [SPACE; 6]
        );
        assert_eq!("\r\n".chars().map(class).collect::<Vec<_>>(), [NEWLINE; 2]);
        assert_eq!(
            "_'\u{1c}\u{200b}\u{301}😀\u{10ffff}"
                .chars()
                .map(class)
                .collect::<Vec<_>>(),
            [OTHER; 7]
        );
    }
}
