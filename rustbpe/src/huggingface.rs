//! Hugging Face's `tokenizer.json`, as far as it says what we can do: byte-level BPE.
//!
//! There a byte is written as a character that can be seen: itself where it can, else one of the
//! characters from U+0100 on, in order.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use crate::error::{BpeError, Result};
use crate::split::{Splitter, known};
use crate::vocab::Vocab;

/// The pattern of a `ByteLevel` step that splits by itself.
const GPT2_PATTERN: &str =
    r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

/// Write a `tokenizer.json`.
pub fn format(pattern: &str, vocab: &Vocab) -> String {
    let spell = |id| spelled(vocab.get(id).unwrap_or_default());
    let tokens: Map<_, _> = vocab.ids().map(|id| (spell(id), json!(id))).collect();
    let merges: Vec<_> = vocab
        .merges()
        .iter()
        .map(|((left, right), _)| [spell(*left), spell(*right)])
        .collect();
    let byte_level = json!({
        "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false,
    });
    let split = json!({
        "type": "Split", "pattern": {"Regex": for_oniguruma(pattern)},
        "behavior": "Isolated", "invert": false,
    });
    let file = json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
        "normalizer": null, "post_processor": null,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [split, byte_level.clone()]},
        "decoder": byte_level,
        "model": {
            "type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null,
            "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false,
            "ignore_merges": vocab.ignores_merges(), "vocab": tokens, "merges": merges,
        },
    });
    file.to_string()
}

/// Read a `tokenizer.json`. Special tokens are left out: they are no business of merges.
pub fn parse(data: &[u8]) -> Result<(Splitter, Vocab)> {
    let file: Value = serde_json::from_slice(data)
        .map_err(|error| BpeError::Vocab(format!("this is not a tokenizer.json: {error}")))?;
    refuse(&file["normalizer"], "a normalizer")?;
    let pattern = pattern(&file["pre_tokenizer"])?;
    let ours = known().find(|known| for_oniguruma(known) == pattern);
    let splitter = Splitter::new(ours.unwrap_or(pattern))?;
    let model = &file["model"];
    if !matches!(model["type"].as_str(), Some("BPE") | None) {
        return Err(unsupported("a model that is not BPE"));
    }
    refuse(&model["dropout"], "dropout")?;
    refuse(
        &model["continuing_subword_prefix"],
        "a continuing_subword_prefix",
    )?;
    refuse(&model["end_of_word_suffix"], "an end_of_word_suffix")?;
    let added: Vec<_> = array(&file["added_tokens"])
        .filter_map(|added| added["content"].as_str())
        .collect();
    let ignores_merges = model["ignore_merges"] == true;
    let vocab = Vocab::from_pairs(
        tokens(&model["vocab"], &added)?,
        merges(&model["merges"])?,
        ignores_merges,
    )?;
    Ok((splitter, vocab))
}

/// A pattern as Hugging Face's regex engine, Oniguruma, must have it.
///
/// There `a{1,3}+` does not mean that nothing is given back, but `(a{1,3})+`. An atomic group says
/// the former to both engines.
fn for_oniguruma(pattern: &str) -> String {
    let (mut text, mut groups, mut atom) = (String::new(), Vec::new(), 0);
    let mut rest = pattern;
    while !rest.is_empty() {
        let (piece, others) = rest.split_at(piece(rest));
        rest = others;
        match piece {
            "(" => groups.push(text.len()),
            ")" => atom = groups.pop().unwrap_or(atom),
            "*" | "+" | "?" => {}
            _ if is_interval(piece) => {
                if let Some(others) = rest.strip_prefix('+') {
                    text.insert_str(atom, "(?>");
                    text.push_str(piece);
                    text.push(')');
                    rest = others;
                    continue;
                }
            }
            _ => atom = text.len(),
        }
        text.push_str(piece);
    }
    text
}

fn is_interval(pattern: &str) -> bool {
    matches!(pattern.as_bytes(), [b'{', b'0'..=b'9', ..])
}

/// The length of what a pattern begins with: an interval, a class, an escape or a character.
fn piece(pattern: &str) -> usize {
    let length = |text: &str| text.chars().next().map_or(0, char::len_utf8);
    let last = match pattern.as_bytes() {
        [b'\\', b'p' | b'P' | b'x' | b'u', b'{', ..] => pattern.find('}'),
        [b'\\', ..] => return 1 + length(&pattern[1..]),
        [b'[', ..] => class_end(pattern),
        _ if is_interval(pattern) => pattern.find('}'),
        _ => return length(pattern),
    };
    last.map_or(pattern.len(), |last| last + 1)
}

/// Where the class ends that a pattern begins with. There may be classes in it.
fn class_end(pattern: &str) -> Option<usize> {
    let (mut depth, mut escaped) = (0, false);
    pattern.find(|letter| {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => depth += 1,
            ']' => depth -= 1,
            _ => {}
        }
        depth == 0
    })
}

/// The pattern of a step that splits text, or of the one step that does in a sequence of them.
fn pattern(step: &Value) -> Result<&str> {
    let steps: Vec<&Value> = match step["type"].as_str() {
        Some("Sequence") => array(&step["pretokenizers"]).collect(),
        _ => vec![step],
    };
    let prefix = |step: &Value| step["type"] == "ByteLevel" && step["add_prefix_space"] != false;
    if steps.iter().any(|step| prefix(step)) {
        return Err(unsupported("a space in front of the text"));
    }
    let own = |step: &Value| step["type"] == "ByteLevel" && step["use_regex"] != false;
    match *steps.as_slice() {
        [step] if own(step) => Ok(GPT2_PATTERN),
        [split, bytes]
            if split["type"] == "Split" && bytes["type"] == "ByteLevel" && !own(bytes) =>
        {
            let plain = split["behavior"] == "Isolated" && split["invert"] != true;
            let pattern = split["pattern"]["Regex"].as_str().filter(|_| plain);
            pattern.ok_or_else(|| unsupported("a Split that is not by an isolated Regex"))
        }
        _ => Err(unsupported(
            "a pre_tokenizer that is not Split and ByteLevel",
        )),
    }
}

fn tokens(vocab: &Value, added: &[&str]) -> Result<Vec<(Vec<u8>, usize)>> {
    let entries = vocab.as_object().ok_or_else(|| damaged("model.vocab"))?;
    let wanted = entries
        .iter()
        .filter(|(token, _)| !added.contains(&token.as_str()));
    let entry =
        |(token, id): (&String, &Value)| Some((meant(token)?, usize::try_from(id.as_u64()?).ok()?));
    wanted
        .map(|pair| entry(pair).ok_or_else(|| damaged(&format!("model.vocab at {:?}", pair.0))))
        .collect()
}

fn merges(list: &Value) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
    let list = list.as_array().ok_or_else(|| damaged("model.merges"))?;
    let merge = |merge: &Value| {
        let (left, right) = match merge.as_str() {
            Some(text) => text.split_once(' ')?,
            None => match merge.as_array()?.as_slice() {
                [left, right] => (left.as_str()?, right.as_str()?),
                _ => return None,
            },
        };
        Some((meant(left)?, meant(right)?))
    };
    (0..)
        .zip(list)
        .map(|(number, pair): (usize, _)| {
            merge(pair).ok_or_else(|| damaged(&format!("model.merges at {number}")))
        })
        .collect()
}

fn array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn refuse(value: &Value, what: &str) -> Result<()> {
    let absent = value.is_null() || value == "" || value == &json!(0.0);
    if absent {
        Ok(())
    } else {
        Err(unsupported(what))
    }
}

fn unsupported(what: &str) -> BpeError {
    BpeError::Vocab(format!(
        "this tokenizer.json has {what}; only byte-level BPE is supported"
    ))
}

fn damaged(place: &str) -> BpeError {
    BpeError::Vocab(format!("this tokenizer.json is damaged: see {place}"))
}

/// Whether a byte is written as the character with its number.
fn is_seen(byte: u8) -> bool {
    matches!(byte, 0x21..=0x7E | 0xA1..=0xAC | 0xAE..=0xFF)
}

/// The characters of all bytes.
static ALPHABET: LazyLock<Vec<char>> = LazyLock::new(|| {
    let mut others = '\u{100}'..;
    let letter = |byte| {
        Some(char::from(byte))
            .filter(|_| is_seen(byte))
            .or_else(|| others.next())
    };
    (0..=u8::MAX).filter_map(letter).collect()
});

/// The bytes of all characters.
static MEANING: LazyLock<HashMap<char, u8>> =
    LazyLock::new(|| ALPHABET.iter().copied().zip(0..=u8::MAX).collect());

fn spelled(bytes: &[u8]) -> String {
    bytes
        .iter()
        .filter_map(|&byte| ALPHABET.get(usize::from(byte)))
        .collect()
}

fn meant(token: &str) -> Option<Vec<u8>> {
    token
        .chars()
        .map(|letter| MEANING.get(&letter).copied())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::split::DEFAULT_PATTERN;

    fn file() -> Value {
        let vocab = Vocab::from_merges(&[(0, 255), (256, 32)]).unwrap();
        serde_json::from_str(&format(DEFAULT_PATTERN, &vocab)).unwrap()
    }

    fn read(file: &Value) -> Result<(Splitter, Vocab)> {
        parse(file.to_string().as_bytes())
    }

    fn refusal(change: impl Fn(&mut Value)) -> String {
        let mut file = file();
        change(&mut file);
        read(&file).unwrap_err().to_string()
    }

    #[test]
    fn bytes_are_written_as_characters() {
        assert_eq!(
            spelled(b"a \n\x00\xff\xad"),
            "a\u{120}\u{10a}\u{100}\u{ff}\u{143}"
        );
        assert_eq!(
            meant("a\u{120}\u{10a}\u{100}\u{ff}\u{143}").unwrap(),
            b"a \n\x00\xff\xad"
        );
        assert_eq!(meant("a b"), None);
    }

    #[test]
    fn a_file_comes_back() {
        let (splitter, vocab) = read(&file()).unwrap();
        assert_eq!(splitter.pattern(), DEFAULT_PATTERN);
        assert_eq!(vocab.merges(), [((0, 255), 256), ((256, 32), 257)]);
        assert_eq!(vocab.get(257), Some(&b"\0\xff "[..]));
    }

    #[test]
    fn an_interval_that_gives_nothing_back_is_an_atomic_group() {
        let cases = [
            (r"\p{N}{1,3}+| ?", r"(?>\p{N}{1,3})| ?"),
            (r"a[b{1,3}+]{2}+c", r"a(?>[b{1,3}+]{2})c"),
            (r"[a[{1}+]\]]{1,}+", r"(?>[a[{1}+]\]]{1,})"),
            (r"x(?:a(b)*){2,3}+(y)", r"x(?>(?:a(b)*){2,3})(y)"),
            (r"(a{1,2}+b{3}+)?+", r"((?>a{1,2})(?>b{3}))?+"),
            (r"a?{2}+\({2}+", r"(?>a?{2})(?>\({2})"),
            (r"a{2}b{1,2}?c++\{1}+{+", r"a{2}b{1,2}?c++\{1}+{+"),
            ("\u{e9}\n{2}+", "\u{e9}(?>\n{2})"),
        ];
        for (pattern, expected) in cases {
            assert_eq!(for_oniguruma(pattern), expected);
        }
    }

    #[test]
    fn a_known_pattern_comes_back_as_it_was() {
        let vocab = Vocab::from_merges(&[]).unwrap();
        for pattern in known() {
            let (splitter, _) = parse(format(pattern, &vocab).as_bytes()).unwrap();
            assert_eq!(splitter.pattern(), pattern);
        }
    }

    #[test]
    fn merges_may_be_one_string_and_gpt2_needs_no_split() {
        let mut file = file();
        file["model"]["merges"] = json!(["\u{100} \u{ff}", "\u{100}\u{ff} \u{120}"]);
        file["pre_tokenizer"] = json!({"type": "ByteLevel", "add_prefix_space": false});
        let (splitter, vocab) = read(&file).unwrap();
        assert_eq!(
            (splitter.pattern(), vocab.merges().len()),
            (GPT2_PATTERN, 2)
        );
    }

    #[test]
    fn special_tokens_are_left_out() {
        let mut file = file();
        file["model"]["vocab"]["<|bos|>"] = json!(300);
        assert_eq!(read(&file).unwrap().1.len(), 259);
        file["added_tokens"] = json!([{"id": 300, "content": "<|bos|>"}]);
        assert_eq!(read(&file).unwrap().1.len(), 258);
    }

    #[test]
    fn what_we_cannot_do_is_refused() {
        let only = "; only byte-level BPE is supported";
        let lower = json!({"type": "Lowercase"});
        let cases: [(&str, Value, &str); 12] = [
            ("/normalizer", lower.clone(), "a normalizer"),
            (
                "/pre_tokenizer",
                Value::Null,
                "a pre_tokenizer that is not Split and ByteLevel",
            ),
            (
                "/pre_tokenizer",
                json!({"type": "ByteLevel", "add_prefix_space": true}),
                "a space in front of the text",
            ),
            (
                "/pre_tokenizer",
                json!({"type": "ByteLevel"}),
                "a space in front of the text",
            ),
            (
                "/pre_tokenizer/pretokenizers/0/type",
                json!("Digits"),
                "a pre_tokenizer that is not Split and ByteLevel",
            ),
            (
                "/pre_tokenizer/pretokenizers/1/type",
                json!("Metaspace"),
                "a pre_tokenizer that is not Split and ByteLevel",
            ),
            (
                "/pre_tokenizer/pretokenizers/1/use_regex",
                json!(true),
                "a pre_tokenizer that is not Split and ByteLevel",
            ),
            (
                "/pre_tokenizer/pretokenizers/0/behavior",
                json!("Removed"),
                "a Split that is not by an isolated Regex",
            ),
            (
                "/pre_tokenizer/pretokenizers/0/invert",
                json!(true),
                "a Split that is not by an isolated Regex",
            ),
            ("/model/type", json!("WordPiece"), "a model that is not BPE"),
            ("/model/dropout", json!(0.1), "dropout"),
            (
                "/model/end_of_word_suffix",
                json!("</w>"),
                "an end_of_word_suffix",
            ),
        ];
        for (place, value, what) in cases {
            let message = refusal(|file| *file.pointer_mut(place).unwrap() = value.clone());
            assert_eq!(message, format!("this tokenizer.json has {what}{only}"));
        }
    }

    #[test]
    fn a_damaged_file_says_where() {
        let see = |place: &str| format!("this tokenizer.json is damaged: see {place}");
        assert_eq!(
            refusal(|file| file["model"] = json!(null)),
            see("model.vocab")
        );
        assert_eq!(
            refusal(|file| file["model"]["merges"] = json!(7)),
            see("model.merges")
        );
        assert_eq!(
            refusal(|file| file["model"]["merges"][1] = json!(["a"])),
            see("model.merges at 1")
        );
        assert_eq!(
            refusal(|file| file["model"]["merges"][0] = json!("ab")),
            see("model.merges at 0")
        );
        assert_eq!(
            refusal(|file| file["model"]["vocab"]["a b"] = json!(900)),
            see("model.vocab at \"a b\"")
        );
        assert_eq!(
            refusal(|file| file["model"]["vocab"]["ab"] = json!(-1)),
            see("model.vocab at \"ab\"")
        );
        let whole = file().to_string();
        for cut in [0, 1, whole.len() / 2, whole.len() - 1] {
            let message = parse(&whole.as_bytes()[..cut]).unwrap_err().to_string();
            assert!(
                message.starts_with("this is not a tokenizer.json: "),
                "{message}"
            );
        }
    }
}
