//! Medians: what else runs on the machine makes some rounds slow, and none fast.

/// The one in the middle; the higher one of two.
pub(crate) fn median(numbers: &[f64]) -> f64 {
    sorted(numbers).get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The lowest and the highest.
pub(crate) fn range(numbers: &[f64]) -> (f64, f64) {
    let sorted = sorted(numbers);
    (sorted.first().copied().unwrap_or(f64::NAN), sorted.last().copied().unwrap_or(f64::NAN))
}

fn sorted(numbers: &[f64]) -> Vec<f64> {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}
