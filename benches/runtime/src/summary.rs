//! What many times come to.

/// What one takes where each counts the same.
pub(crate) fn mean(times: &[f64]) -> f64 {
    times.iter().sum::<f64>() / times.len() as f64
}

/// The one in the middle; the higher one of two.
pub(crate) fn median(times: &[f64]) -> f64 {
    at(times, times.len() / 2)
}

/// The lowest: what else runs on the machine makes some slow, and none fast.
pub(crate) fn lowest(times: &[f64]) -> f64 {
    at(times, 0)
}

fn at(times: &[f64], index: usize) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(index).copied().unwrap_or(f64::NAN)
}
