//! Of many times, which ones say what something costs: what else runs on the machine makes some slow, and none fast.

/// The one in the middle; the higher one of two.
pub(crate) fn median(times: &[f64]) -> f64 {
    at(times, times.len() / 2)
}

/// The lowest.
pub(crate) fn lowest(times: &[f64]) -> f64 {
    at(times, 0)
}

/// What a tenth of them is below.
pub(crate) fn fast(times: &[f64]) -> f64 {
    at(times, times.len() / 10)
}

fn at(times: &[f64], index: usize) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(index).copied().unwrap_or(f64::NAN)
}
