//! Rank files, as tiktoken reads them: per line a token in base 64, a space, and its id.

use base64::prelude::{BASE64_STANDARD, Engine};

use crate::error::{BpeError, Result};
use crate::vocab::Vocab;

/// Read the content of a rank file.
pub fn parse(data: &[u8]) -> Result<Vocab> {
    let mut ranks = Vec::new();
    for (number, line) in (1..).zip(data.split(|&byte| byte == b'\n')) {
        let line = line.trim_ascii_end();
        if !line.is_empty() {
            let message = || format!("line {number} is not a token in base 64, a space and its id");
            ranks.push(parse_line(line).ok_or_else(|| BpeError::Vocab(message()))?);
        }
    }
    Vocab::from_ranks(ranks)
}

fn parse_line(line: &[u8]) -> Option<(Vec<u8>, usize)> {
    let (token, id) = std::str::from_utf8(line).ok()?.split_once(' ')?;
    Some((BASE64_STANDARD.decode(token).ok()?, id.parse().ok()?))
}

/// Write the content of a rank file.
pub fn format(vocab: &Vocab) -> String {
    let line = |id| {
        let token = BASE64_STANDARD.encode(vocab.get(id).unwrap_or_default());
        format!("{token} {id}\n")
    };
    vocab.ids().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_comes_back() {
        let vocab = Vocab::from_merges(&[(0, 255), (256, 97)]).unwrap();
        let file = format(&vocab);
        assert!(file.starts_with("AA== 0\nAQ== 1\n"));
        assert!(file.ends_with("/w== 255\nAP8= 256\nAP9h 257\n"));
        let copy = parse(file.as_bytes()).unwrap();
        assert_eq!(copy.merges(), vocab.merges());
        let windows = file.replace('\n', "\r\n");
        assert_eq!(format(&parse(windows.as_bytes()).unwrap()), file);
    }

    #[test]
    fn a_damaged_line_is_named() {
        for line in [
            "AQ==",
            "AQ== x",
            "AQ== -1",
            "AQ= 1",
            "A\u{e9} 1",
            "AQ==  1",
            "\u{80}\u{4}",
        ] {
            let message = parse(format!("AA== 0\n{line}\n").as_bytes())
                .unwrap_err()
                .to_string();
            assert_eq!(
                message,
                "line 2 is not a token in base 64, a space and its id"
            );
        }
        assert!(parse(b"AA== 0\n\x80\x04").is_err());
        assert!(parse(b"").is_err());
    }
}
