use tidemill_model::PoolEvent;
use tidemill_units::{Amounts, Liquidity, Tick, TickRange};

use super::Floor;
use crate::tests::seeded::Seeded;

#[test]
fn the_floor_is_what_following_each_bucket_gives() {
    for seed in 0..200 {
        println!("seed {seed}");
        let mut random = Seeded(seed);
        let events: Vec<PoolEvent> = (0..random.below(40))
            .map(|_| {
                let lower = random.between(-20, 18);
                let upper = random.between(lower + 1, 20);
                let range = TickRange { lower: Tick(lower * 10), upper: Tick(upper * 10) };
                let liquidity = Liquidity(random.wide(60));
                let (owner, amounts) = (None, Amounts::ZERO);
                if random.once_in(2) {
                    PoolEvent::Mint { owner, range, liquidity, amounts }
                } else {
                    PoolEvent::Burn { owner, range, liquidity, amounts }
                }
            })
            .collect();
        let floor = Floor::of(events.iter(), 10);
        for bucket in -25..25 {
            let (mut sum, mut least) = (0, 0);
            for event in &events {
                let Some((range, by)) = super::liquidity_change(event) else { continue };
                if range.contains(Tick(bucket * 10)) {
                    sum += by;
                    least = least.min(sum);
                }
            }
            assert_eq!(floor.at(bucket), -least, "bucket {bucket}");
        }
    }
}
