use std::mem::size_of;

use crate::{PoolEvent, ShareEvent, TapeEvent};

/// Tapes hold millions of events: what a pool of shares needs more room for is behind a box.
#[test]
fn events_of_pools_of_shares_take_no_more_room_than_others() {
    assert_eq!([size_of::<PoolEvent>(), size_of::<ShareEvent>()], [160, 136]);
    assert_eq!(size_of::<TapeEvent>(), 240);
}
