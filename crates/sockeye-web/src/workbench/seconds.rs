//! A second of a run, as a page draws it.

use std::time::Duration;

use serde::Serialize;
use sockeye_workbench::rates::Rate;

/// What went over in a second, and how long answers took, in nanoseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Second {
    #[serde(rename = "in")]
    bytes_in: u64,
    #[serde(rename = "out")]
    bytes_out: u64,
    in_events: u64,
    out_events: u64,
    trips: u64,
    #[serde(rename = "tripP50")]
    trip_p50: Option<u64>,
    trip_max: Option<u64>,
}

impl Second {
    /// As it is drawn.
    pub fn of(rate: &Rate) -> Self {
        let nanos = |time: Option<Duration>| time.and_then(|time| time.as_nanos().try_into().ok());
        Self {
            bytes_in: rate.bytes_in,
            bytes_out: rate.bytes_out,
            in_events: rate.events_in,
            out_events: rate.events_out,
            trips: rate.trips,
            trip_p50: nanos(rate.trip_p50),
            trip_max: nanos(rate.trip_max),
        }
    }
}
