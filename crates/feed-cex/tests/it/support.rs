//! What the tests share: the recording, and numbers that look random and are not.

use std::io::{BufRead, BufReader};

use crate::recorded_data::recorded;
use flate2::read::MultiGzDecoder;

/// One message of the recording.
pub(crate) struct Line {
    pub(crate) text: String,
}

/// Reads a file of the recorded Binance streams; `None`, said aloud, where it is not there.
pub(crate) fn recording(file: &str) -> Option<Vec<Line>> {
    let path = recorded("binance-ws-2024-08-08")?.join(file);
    let reader = BufReader::new(MultiGzDecoder::new(std::fs::File::open(path).unwrap()));
    let line = |line: std::io::Result<String>| {
        let line = line.unwrap();
        let (_, text) = line.split_once(' ').unwrap();
        Line { text: text.to_owned() }
    };
    Some(reader.lines().map(line).collect())
}

/// Numbers from a seed (splitmix64).
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound).unwrap()).unwrap()
    }
}
