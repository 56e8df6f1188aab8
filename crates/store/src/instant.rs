//! Times as texts of one length, so that they sort as texts.

use jiff::Timestamp;

use crate::StoreError;

/// `2026-12-07T08:00:00.000000000Z`. Years before 1 have no such text.
pub(crate) fn text_of(time: Timestamp) -> Result<String, StoreError> {
    let text = format!("{time:.9}");
    if text.len() == 30 && !text.starts_with("0000") {
        Ok(text)
    } else {
        Err(StoreError::Input { what: "time", why: "it lies before the year 1" })
    }
}

/// Reads what [`text_of`] writes, and nothing else.
pub(crate) fn read(text: &str) -> Option<Timestamp> {
    let time: Timestamp = text.parse().ok()?;
    (text_of(time).ok()?.as_str() == text).then_some(time)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{read, text_of};

    #[test]
    fn one_text_for_one_time() {
        let time: Timestamp = "2026-12-07T09:00:00.5+01:00".parse().unwrap();
        let text = text_of(time).unwrap();
        assert_eq!(text, "2026-12-07T08:00:00.500000000Z");
        assert_eq!(read(&text), Some(time));
        for other in [
            "2026-12-07T08:00:00.5Z",
            "2026-12-07T08:00:00.500000000+00:00",
            "2026-12-07 08:00:00.500000000Z",
            "2026-12-07T08:00:60.500000000Z",
            "2026-13-07T08:00:00.500000000Z",
            "",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }

    #[test]
    fn the_ends_of_time() {
        assert_eq!(text_of(Timestamp::MAX).unwrap().len(), 30);
        for early in ["0000-12-31T23:59:59Z", "-000001-01-01T00:00:00Z"] {
            assert!(text_of(early.parse().unwrap()).is_err(), "{early}");
        }
        assert!(text_of("0001-01-01T00:00:00Z".parse().unwrap()).is_ok());
    }
}
