//! Text into chunks: no merge crosses from one to the next.
//!
//! A pattern says what a chunk is. The patterns of nanochat, GPT-4 and GPT-2 are known by heart: one
//! table look-up per character instead of a regex engine's steps, 20 to 40 times as fast. Any other
//! goes through `fancy-regex`, which also judges the fast path: see the tests.

use fancy_regex::Regex;

use crate::classes::{Classes, END, LETTER, NEWLINE, NUMBER, OTHER, SPACE, classes};
use crate::error::{BpeError, Result};
use crate::pulse::Pulse;

/// The pattern of GPT-4, in nanochat's spelling: the default.
pub const DEFAULT_PATTERN: &str = r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+";

/// The patterns known by heart, in the spellings that are around.
const KNOWN: [(&str, Rules); 6] = [
    (DEFAULT_PATTERN, Rules::gpt4(3)),
    // nanochat: numbers in groups of two
    (
        r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,2}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+",
        Rules::gpt4(2),
    ),
    // cl100k_base, as it was published
    (
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        Rules::gpt4(3),
    ),
    // cl100k_base, as tiktoken has it now
    (
        r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s",
        Rules {
            whole_tail: true,
            ..Rules::gpt4(3)
        },
    ),
    // GPT-2, as it was published
    (
        r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
        Rules::GPT2,
    ),
    // GPT-2, as tiktoken has it now
    (
        r"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s",
        Rules::GPT2,
    ),
];

/// The patterns known by heart.
pub fn known() -> impl Iterator<Item = &'static str> {
    KNOWN.iter().map(|(pattern, _)| *pattern)
}

/// How often work on text feels the pulse: bytes, and matches of a regex.
const BEAT_BYTES: usize = 1 << 16;
const BEAT_MATCHES: usize = 1 << 8;

/// Cuts text into chunks as a pattern says.
#[derive(Debug)]
pub struct Splitter {
    pattern: String,
    engine: Engine,
}

#[derive(Debug)]
enum Engine {
    Known(Scanner),
    Any(Regex),
}

impl Splitter {
    /// The splitter of a pattern, by heart if it is known.
    pub fn new(pattern: &str) -> Result<Self> {
        match KNOWN.iter().find(|(known, _)| *known == pattern) {
            Some((_, rules)) => {
                let engine = Engine::Known(Scanner {
                    rules: *rules,
                    classes: classes()?,
                });
                Ok(Self {
                    pattern: pattern.to_owned(),
                    engine,
                })
            }
            None => Self::by_regex(pattern),
        }
    }

    /// The splitter of a pattern by the general engine, known or not.
    pub fn by_regex(pattern: &str) -> Result<Self> {
        let regex = Regex::new(pattern).map_err(|error| BpeError::Pattern(error.to_string()))?;
        Ok(Self {
            pattern: pattern.to_owned(),
            engine: Engine::Any(regex),
        })
    }

    /// The pattern.
    pub fn pattern(&self) -> &str {
        &self.pattern
    }

    /// Call `sink` with the start and the end of each chunk, in order.
    ///
    /// Text between matches is in no chunk, as in tiktoken; the known patterns leave none.
    pub fn for_each(
        &self,
        text: &str,
        pulse: &dyn Pulse,
        sink: impl FnMut(usize, usize) -> Result<()>,
    ) -> Result<()> {
        match &self.engine {
            Engine::Known(scanner) => scanner.for_each(text.as_bytes(), pulse, sink),
            Engine::Any(regex) => matches(regex, text, pulse, sink),
        }
    }

    /// Cut text where chunks meet for sure, so that the parts may be split apart from each other.
    ///
    /// Each part is `size` bytes or somewhat longer. A pattern that is not known has one part.
    pub fn parts<'a>(&self, text: &'a str, size: usize) -> impl Iterator<Item = &'a str> {
        let size = if matches!(self.engine, Engine::Known(_)) {
            size
        } else {
            usize::MAX
        };
        let mut rest = text;
        std::iter::from_fn(move || {
            let (part, others) = rest.split_at_checked(cut(rest.as_bytes(), size))?;
            rest = others;
            (!part.is_empty()).then_some(part)
        })
    }
}

/// The first place from `size` on where a space follows a visible ASCII character.
///
/// In every known pattern a space can only begin a chunk then, and no pattern looks back.
fn cut(text: &[u8], size: usize) -> usize {
    let Some(tail) = text.get(size.saturating_sub(1)..) else {
        return text.len();
    };
    let place = tail
        .windows(2)
        .position(|pair| pair[0].is_ascii_graphic() && pair[1] == b' ');
    place.map_or(text.len(), |place| size.saturating_sub(1) + place + 1)
}

fn matches(
    regex: &Regex,
    text: &str,
    pulse: &dyn Pulse,
    mut sink: impl FnMut(usize, usize) -> Result<()>,
) -> Result<()> {
    for (number, found) in regex.find_iter(text).enumerate() {
        let found = found.map_err(|error| BpeError::GaveUp(error.to_string()))?;
        if number % BEAT_MATCHES == 0 {
            pulse.beat()?;
        }
        if found.start() < found.end() {
            sink(found.start(), found.end())?;
        }
    }
    Ok(())
}

/// What tells one known pattern from another.
#[derive(Debug, Clone, Copy)]
struct Rules {
    gpt2: bool,
    /// How many digits a number has at most.
    digits: usize,
    /// Whether whitespace at the end of the text is one chunk, whatever is in it.
    whole_tail: bool,
}

impl Rules {
    const GPT2: Self = Self {
        gpt2: true,
        digits: usize::MAX,
        whole_tail: false,
    };

    const fn gpt4(digits: usize) -> Self {
        Self {
            gpt2: false,
            digits,
            whole_tail: false,
        }
    }
}

/// A known pattern as a program.
#[derive(Debug)]
struct Scanner {
    rules: Rules,
    classes: &'static Classes,
}

impl Scanner {
    #[inline]
    fn for_each(
        &self,
        text: &[u8],
        pulse: &dyn Pulse,
        mut sink: impl FnMut(usize, usize) -> Result<()>,
    ) -> Result<()> {
        let (mut start, mut next_beat) = (0, 0);
        while start < text.len() {
            if start >= next_beat {
                pulse.beat()?;
                next_beat = start + BEAT_BYTES;
            }
            let end = if self.rules.gpt2 {
                self.gpt2(text, start)
            } else {
                self.gpt4(text, start)
            };
            sink(start, end)?;
            start = end;
        }
        Ok(())
    }

    /// The end of the chunk at `start`.
    #[inline]
    fn gpt4(&self, text: &[u8], start: usize) -> usize {
        let (class, second) = self.peek(text, start);
        match class {
            LETTER => return self.run(text, second, LETTER),
            NUMBER => return self.number(text, start),
            NEWLINE => return self.whitespace(text, start),
            _ => {}
        }
        if let Some(end) = contraction(text, start, u8::to_ascii_lowercase) {
            return end;
        }
        match (class, self.peek(text, second).0) {
            (_, LETTER) => self.run(text, second, LETTER),
            (OTHER, _) => self.punctuation(text, second),
            (_, OTHER) if text.get(start) == Some(&b' ') => self.punctuation(text, second),
            _ => self.whitespace(text, start),
        }
    }

    /// The end of the chunk at `start`.
    #[inline]
    fn gpt2(&self, text: &[u8], start: usize) -> usize {
        if let Some(end) = contraction(text, start, |byte| *byte) {
            return end;
        }
        let word = if text.get(start) == Some(&b' ') {
            start + 1
        } else {
            start
        };
        match self.peek(text, word) {
            (class @ (LETTER | NUMBER | OTHER), second) => self.run(text, second, class),
            _ => self.whitespace(text, start),
        }
    }

    /// The class of the character at `at`, and where the next one starts.
    #[inline]
    fn peek(&self, text: &[u8], at: usize) -> (u8, usize) {
        match text.get(at) {
            Some(&byte) if byte < 128 => (self.classes[usize::from(byte)], at + 1),
            Some(_) => self.peek_wide(text, at),
            None => (END, at),
        }
    }

    /// `peek` where more than one byte makes the character.
    fn peek_wide(&self, text: &[u8], at: usize) -> (u8, usize) {
        let byte = |index: usize| text.get(at + index).map_or(0, |&byte| usize::from(byte));
        let tail = |index| byte(index) & 0x3F;
        let (code, length) = match byte(0) {
            first @ 0..0xE0 => ((first & 0x1F) << 6 | tail(1), 2),
            first @ 0xE0..0xF0 => ((first & 0x0F) << 12 | tail(1) << 6 | tail(2), 3),
            first => (
                (first & 0x07) << 18 | tail(1) << 12 | tail(2) << 6 | tail(3),
                4,
            ),
        };
        (
            self.classes.get(code).map_or(OTHER, |&class| class),
            at + length,
        )
    }

    /// The end of the characters of one class that start at `at`.
    #[inline]
    fn run(&self, text: &[u8], mut at: usize, class: u8) -> usize {
        loop {
            match self.peek(text, at) {
                (other, _) if other != class => return at,
                (_, next) => at = next,
            }
        }
    }

    fn number(&self, text: &[u8], mut at: usize) -> usize {
        for _ in 0..self.rules.digits {
            match self.peek(text, at) {
                (NUMBER, next) => at = next,
                _ => break,
            }
        }
        at
    }

    fn punctuation(&self, text: &[u8], at: usize) -> usize {
        let end = self.run(text, at, OTHER);
        self.run(text, end, NEWLINE)
    }

    /// Whitespace up to its last newline; without one all of it, but for a last character that a
    /// visible one follows: that one is the next chunk's.
    fn whitespace(&self, text: &[u8], start: usize) -> usize {
        let (mut at, mut last, mut newline) = (start, start, None);
        loop {
            match self.peek(text, at) {
                (class @ (SPACE | NEWLINE), next) => {
                    (last, at) = (at, next);
                    newline = if class == NEWLINE {
                        Some(next)
                    } else {
                        newline
                    };
                }
                (END, _) if self.rules.whole_tail || self.rules.gpt2 => return at,
                (class, _) => {
                    let newline = newline.filter(|_| !self.rules.gpt2);
                    let end = if class == END || last == start {
                        at
                    } else {
                        last
                    };
                    return newline.unwrap_or(end);
                }
            }
        }
    }
}

/// The end of `'s`, `'t`, `'re`, `'ve`, `'m`, `'ll` or `'d` at `start`.
///
/// With `fold` for lower case, also of `'ſ`: a long s is an s to every engine that ignores case.
#[inline]
fn contraction(text: &[u8], start: usize, fold: impl Fn(&u8) -> u8) -> Option<usize> {
    if text.get(start) != Some(&b'\'') {
        return None;
    }
    let long_s = [0xC5, 0xBF];
    let ignores_case = fold(&b'S') == b's';
    let after = text.get(start + 1..)?;
    let two = || Some([fold(after.first()?), fold(after.get(1)?)]);
    match fold(after.first()?) {
        b's' | b'd' | b'm' | b't' => Some(start + 2),
        _ if ignores_case && after.starts_with(&long_s) => Some(start + 3),
        _ if matches!(&two()?, b"ll" | b"ve" | b"re") => Some(start + 3),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pulse::{Count, Steady};
    use proptest::prelude::*;
    use std::sync::LazyLock;

    fn chunks<'a>(splitter: &Splitter, text: &'a str) -> Vec<&'a str> {
        let mut chunks = Vec::new();
        let sink = |start, end| {
            chunks.push(&text[start..end]);
            Ok(())
        };
        splitter.for_each(text, &Steady, sink).unwrap();
        chunks
    }

    fn splits(pattern: &str, text: &str, expected: &str) {
        let splitter = Splitter::new(pattern).unwrap();
        assert!(matches!(splitter.engine, Engine::Known(_)));
        assert_eq!(
            chunks(&splitter, text),
            expected.split('|').collect::<Vec<_>>()
        );
        assert_eq!(
            chunks(&Splitter::by_regex(pattern).unwrap(), text),
            chunks(&splitter, text)
        );
    }

    fn nanochat() -> &'static str {
        KNOWN[1].0
    }

    #[test]
    fn nanochat_splits_as_upstream() {
        splits(nanochat(), "I'm you'RE don't", "I|'m| you|'RE| don|'t");
        splits(nanochat(), "abc123456", "abc|12|34|56");
        splits(nanochat(), "x = 10;", "x| =| |10|;");
        splits(nanochat(), "a  b   c", "a| | b|  | c");
        splits(nanochat(), "a\n\n b", "a|\n\n| b");
        splits(nanochat(), "\t\tif x:\r\n", "\t|\tif| x|:\r\n");
        splits(nanochat(), "IT'S O'Neil", "IT|'S| O|'Neil");
        splits(nanochat(), "it’s", "it|’s");
        splits(nanochat(), "_under_score", "_under|_score");
        splits(nanochat(), "½ cup ² Ⅷ", "½| cup| |²| |Ⅷ");
    }

    #[test]
    fn a_long_s_is_an_s() {
        splits(nanochat(), "'ſa", "'ſ|a");
        splits(KNOWN[4].0, "'ſa", "'|ſa");
    }

    #[test]
    fn numbers_have_as_many_digits_as_the_pattern_says() {
        splits(DEFAULT_PATTERN, "12345678", "123|456|78");
        splits(KNOWN[4].0, "a 12345678", "a| 12345678");
    }

    #[test]
    fn whitespace_at_the_end_depends_on_the_spelling() {
        splits(KNOWN[2].0, "a\n  ", "a|\n|  ");
        splits(KNOWN[3].0, "a\n  ", "a|\n  ");
    }

    #[test]
    fn an_unknown_pattern_leaves_out_what_it_does_not_match() {
        let splitter = Splitter::new(r"\d*").unwrap();
        assert_eq!(chunks(&splitter, "a12b3"), ["12", "3"]);
        assert_eq!(splitter.pattern(), r"\d*");
    }

    #[test]
    fn a_pattern_that_is_none_or_gives_up_is_an_error() {
        assert!(matches!(Splitter::new("("), Err(BpeError::Pattern(_))));
        let catastrophe = Splitter::new(r"(a|a)+(?=b)\1").unwrap();
        let outcome = catastrophe.for_each(&"a".repeat(100), &Steady, |_, _| Ok(()));
        assert!(matches!(outcome, Err(BpeError::GaveUp(_))));
    }

    #[test]
    fn an_error_of_the_pulse_or_the_sink_ends_the_work() {
        struct Tired;
        impl Pulse for Tired {
            fn beat(&self) -> Result<()> {
                Err(BpeError::Interrupted)
            }
        }
        for pattern in [nanochat(), "a"] {
            let splitter = Splitter::new(pattern).unwrap();
            let tired = splitter.for_each("aa", &Tired, |_, _| Ok(()));
            assert_eq!(tired, Err(BpeError::Interrupted));
            let full = splitter.for_each("aa", &Steady, |_, _| Err(BpeError::TooLarge));
            assert_eq!(full, Err(BpeError::TooLarge));
        }
    }

    #[test]
    fn long_work_feels_the_pulse() {
        let beats = |pattern, text: &str| {
            let pulse = Count::default();
            let splitter = Splitter::new(pattern).unwrap();
            splitter.for_each(text, &pulse, |_, _| Ok(())).unwrap();
            pulse.beats()
        };
        assert_eq!(beats(nanochat(), &"11".repeat(BEAT_BYTES / 2)), 1);
        assert_eq!(beats(nanochat(), &"11".repeat(BEAT_BYTES / 2 + 1)), 2);
        assert_eq!(beats("a", &"a".repeat(BEAT_MATCHES)), 1);
        assert_eq!(beats("a", &"a".repeat(2 * BEAT_MATCHES + 1)), 3);
    }

    #[test]
    fn parts_end_before_a_space() {
        let splitter = Splitter::new(nanochat()).unwrap();
        let parts = |size| splitter.parts("ab cd  ef g", size).collect::<Vec<_>>();
        assert_eq!(parts(1), ["ab", " cd", "  ef", " g"]);
        assert_eq!(parts(3), ["ab cd", "  ef", " g"]);
        assert_eq!(parts(100), ["ab cd  ef g"]);
        assert_eq!(Splitter::new("a").unwrap().parts("a a a", 1).count(), 1);
        assert_eq!(splitter.parts("", 1).count(), 0);
    }

    /// Each known pattern by heart, and by the general engine.
    static BOTH: LazyLock<Vec<(Splitter, Splitter)>> = LazyLock::new(|| {
        let both = |pattern| {
            (
                Splitter::new(pattern).unwrap(),
                Splitter::by_regex(pattern).unwrap(),
            )
        };
        known().map(both).collect()
    });

    #[test]
    fn the_known_patterns_are_all_there_to_be_tried() {
        assert!(known().any(|pattern| pattern == DEFAULT_PATTERN));
        assert_eq!(BOTH.len(), KNOWN.len());
    }

    /// Text in which everything that the patterns tell apart is frequent.
    fn text() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            4 => prop::sample::select(vec![
                " ", " ", "  ", "\t", "\n", "\r\n", "\r", "'", "'s", "'LL", "'Re", "'ſ", "'v", "a", "B", "é", "中",
                "1", "23", "٣", "½", ".", "!?", "_", "’", "\u{a0}", "\u{85}", "\u{1c}", "\u{2028}", "\u{200d}", "😀",
                "\u{301}", "\0", "K", "ll",
            ]).prop_map(str::to_owned),
            1 => any::<char>().prop_map(String::from),
        ];
        prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        #[test]
        fn the_fast_path_is_the_general_engine(text in text()) {
            for (fast, general) in &*BOTH {
                prop_assert_eq!(chunks(fast, &text), chunks(general, &text), "{}", fast.pattern());
                prop_assert_eq!(chunks(fast, &text).concat(), &*text);
            }
        }

        #[test]
        fn parts_have_the_chunks_of_the_whole(text in text(), size in 0_usize..20) {
            for (splitter, _) in &*BOTH {
                let parts: Vec<_> = splitter.parts(&text, size).collect();
                prop_assert_eq!(parts.concat(), &*text);
                let apart: Vec<_> = parts.iter().flat_map(|part| chunks(splitter, part)).collect();
                prop_assert_eq!(apart, chunks(splitter, &text), "{}", splitter.pattern());
            }
        }
    }

    #[test]
    fn every_code_point_is_split_as_the_general_engine_does() {
        let fast = Splitter::new(nanochat()).unwrap();
        let general = Splitter::by_regex(nanochat()).unwrap();
        let contexts: String = ('\0'..=char::MAX)
            .flat_map(|c| ['a', c, '1', c, ' ', c, c, '.', c, '\n', '\'', c])
            .collect();
        assert_eq!(chunks(&fast, &contexts), chunks(&general, &contexts));
    }
}
