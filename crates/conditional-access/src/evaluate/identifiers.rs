//! Ids and words in the lists of a policy.

/// True for the form of an object id or application id: 8-4-4-4-12 hexadecimal digits.
pub(crate) fn is_id(text: &str) -> bool {
    const LENGTHS: [usize; 5] = [8, 4, 4, 4, 12];
    let mut parts = text.split('-');
    let well_formed = LENGTHS.iter().all(|length| {
        parts.next().is_some_and(|part| {
            part.len() == *length && part.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
    });
    well_formed && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    #[test]
    fn ids() {
        let cases = [
            ("00000003-0000-0ff1-CE00-000000000000", true),
            ("00000003-0000-0ff1-ce00-00000000000", false),
            ("00000003-0000-0ff1-ce00-000000000000-", false),
            ("<ExclusionGroup>", false),
            ("", false),
        ];
        for (text, expected) in cases {
            assert_eq!(super::is_id(text), expected, "{text}");
        }
    }
}
