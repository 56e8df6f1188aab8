//! Escapes of JSON strings (RFC 8259, section 7).

/// Writes what a string between its quotes stands for. `None`: an escape does not exist, or half
/// of a surrogate pair stands alone.
pub(super) fn unescape(between_quotes: &str, out: &mut String) -> Option<()> {
    out.clear();
    let mut rest = between_quotes;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        out.push_str(rest.get(..at)?);
        let sign = *rest.as_bytes().get(at + 1)?;
        rest = rest.get(at + 2..)?;
        let plain = match sign {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let (sign, behind) = unicode(rest)?;
                rest = behind;
                sign
            }
            _ => return None,
        };
        out.push(plain);
    }
    out.push_str(rest);
    Some(())
}

/// The sign of one or two groups of four digits, and what is behind them.
fn unicode(rest: &str) -> Option<(char, &str)> {
    let (first, behind) = four(rest)?;
    match first {
        0xd800..0xdc00 => {
            let (second, behind) = four(behind.strip_prefix("\\u")?)?;
            let low = second.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
            let code = 0x1_0000 + ((first - 0xd800) << 10) + low;
            Some((char::from_u32(code)?, behind))
        }
        _ => Some((char::from_u32(first)?, behind)),
    }
}

fn four(rest: &str) -> Option<(u32, &str)> {
    let (digits, behind) = rest.split_at_checked(4)?;
    let mut code = 0;
    for digit in digits.bytes() {
        code = code << 4 | char::from(digit).to_digit(16)?;
    }
    Some((code, behind))
}

#[cfg(test)]
mod tests {
    use super::unescape;

    #[test]
    fn every_escape_is_what_serde_json_says() {
        let cases = [
            "plain",
            "",
            r#"\"\\\/\b\f\n\r\t"#,
            r"\u00e9\u00E9 \ud83d\ude00 \u0000",
            r"\ud83d",
            r"\ud83d\u0041",
            r"\ude00",
            r"\ud83dx",
            r"\x41",
            r"\u12",
            r"\u12G4",
            r"\u+123",
            "\\",
            r"ü\u00fcü",
            r"\u00éé",
        ];
        for case in cases {
            let theirs = serde_json::from_str::<String>(&format!("\"{case}\"")).ok();
            let mut out = "left over".to_owned();
            let ours = unescape(case, &mut out).map(|()| out);
            assert_eq!(ours, theirs, "{case}");
        }
    }
}
