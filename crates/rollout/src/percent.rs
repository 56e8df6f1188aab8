//! Shares as people read them.

/// A measured share (0–1) as a whole percentage, cut, never rounded up: 94.9 % is not 95 %, so no
/// document shows a gate as reached that is not.
#[must_use]
pub fn percent(share: f64) -> String {
    format!("{} %", (share * 100.0 + 1e-9).floor())
}

/// A share somebody chose (0–1), as chosen: a threshold of 87.5 % is not 87 %.
#[must_use]
pub fn threshold_percent(share: f64) -> String {
    let hundredths = (share * 10_000.0).round();
    format!("{} %", hundredths / 100.0)
}

/// A measured share (0–1) held against a limit that it must not exceed: cut as by [`percent`], with as
/// many decimals as it takes for a share above the limit to read as above it.
pub(crate) fn percent_against(share: f64, limit: f64) -> String {
    let cut = |decimals: i32| {
        let tenths = 10_f64.powi(decimals);
        (share * 100.0 * tenths + 1e-9).floor() / tenths
    };
    let reads_above = |shown: &f64| share <= limit || *shown > limit * 100.0 + 1e-9;
    format!("{} %", (0..4).map(cut).find(reads_above).unwrap_or_else(|| cut(4)))
}

#[cfg(test)]
mod tests {
    use super::{percent, percent_against, threshold_percent};

    #[test]
    fn a_share_above_its_limit_never_reads_as_the_limit() {
        let cases = [
            (6.0 / 212.0, 0.02, "2.8 %"),
            (0.02, 0.02, "2 %"),
            (0.0199, 0.02, "1 %"),
            (0.03, 0.02, "3 %"),
            (0.020_04, 0.02, "2.004 %"),
            (0.025, 0.025, "2 %"),
            (0.026, 0.025, "2.6 %"),
        ];
        for (share, limit, said) in cases {
            assert_eq!(percent_against(share, limit), said, "{share} {limit}");
        }
    }

    #[test]
    fn a_share_below_a_threshold_never_reads_as_the_threshold() {
        let cases = [
            (0.0, "0 %"),
            (0.87, "87 %"),
            (0.8699, "86 %"),
            (0.29, "29 %"),
            (0.949_999, "94 %"),
            (0.95, "95 %"),
            (0.999_9, "99 %"),
            (1.0, "100 %"),
        ];
        for (share, said) in cases {
            assert_eq!(percent(share), said, "{share}");
        }
        for people in 1..=300_u32 {
            for capable in 0..people {
                let share = f64::from(capable) / f64::from(people);
                assert_ne!(percent(share), "100 %", "{capable} of {people}");
            }
        }
    }

    #[test]
    fn a_threshold_reads_as_it_was_chosen() {
        let cases =
            [(0.95, "95 %"), (0.875, "87.5 %"), (0.07, "7 %"), (0.0005, "0.05 %"), (1.0, "100 %")];
        for (share, said) in cases {
            assert_eq!(threshold_percent(share), said, "{share}");
        }
    }
}
