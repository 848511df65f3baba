use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::retry_after;

fn told(headers: &[(&'static str, &'static str)]) -> Option<Duration> {
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
        .collect();
    // 2015-10-21 07:00:00 UTC.
    retry_after(&headers, 1_445_410_800)
}

#[test]
fn retry_after_is_seconds_or_a_date() {
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    let date = ("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT");
    assert_eq!(told(&[("retry-after", "120")]), seconds(120));
    assert_eq!(told(&[date]), seconds(28 * 60), "by this machine's clock");
    assert_eq!(told(&[date, ("date", "Wed, 21 Oct 2015 07:27:30 GMT")]), seconds(30));
    assert_eq!(told(&[date, ("date", "Wed, 21 Oct 2015 08:00:00 GMT")]), seconds(0));
    assert_eq!(told(&[("retry-after", "soon")]), None);
    assert_eq!(told(&[]), None);
}
