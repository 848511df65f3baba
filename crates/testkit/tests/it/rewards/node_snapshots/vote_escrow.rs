use tidemill_feed_evm::ProgrammeContracts;
use tidemill_feed_evm::snapshot::{VoteEscrowContract, vote_escrow_state};
use tidemill_market::FoldedProgramme;
use tidemill_rewards::vote_escrow::{EscrowParameters, VoteEscrowState};
use tidemill_rewards::{VoteEscrow, WEEK};
use tidemill_testkit::{Address, Artifacts, Call, Random};
use tidemill_units::U256;

use super::{fold_after, latest, through_file};
use crate::anvil::node_reader::NodeReader;
use crate::anvil::{mirror, of_evm};
use crate::rewards::vote_escrow::World;
use crate::tally::Tally;

const SEED: u64 = 0x5eed_0200;
const STEPS: u64 = 120;

/// The actors of the world, in which nobody else locks.
fn actors() -> [Address; 5] {
    [1, 2, 3, 4, 5].map(|actor: u8| Address::repeat_byte(0x11 * actor))
}

/// Who never locked, and weeks at which nothing changes, are not told apart from none.
fn plain(mut state: VoteEscrowState) -> VoteEscrowState {
    state.lockers.retain(|locker| !locker.points.is_empty());
    state.slope_changes.retain(|(_, change)| *change != 0);
    state
}

#[test]
fn an_escrow_is_read_and_followed_by_its_logs() {
    let artifacts = Artifacts::load().unwrap();
    let mut tally = Tally::new("snapshots of vote escrows", SEED);
    let (mut all, mut points) = (0, 0);
    for seed in SEED..SEED + 3 {
        let mut world = World::recorded(&artifacts, seed);
        for _ in 0..STEPS {
            world.step(&mut tally);
        }
        let oracle = world.oracle.as_mut().unwrap();
        let Some(mut node) = mirror(&oracle.evm) else { return };
        let reader = NodeReader::new(&node.chain.node);
        let mut contract = VoteEscrowContract {
            address: of_evm(oracle.escrow),
            parameters: EscrowParameters::BALANCER,
            lockers: actors().map(of_evm).to_vec(),
        };
        let read = || latest(&reader, async |at| vote_escrow_state(at, &contract).await).unwrap();
        let (from, first) = read();
        assert_eq!(first, plain(world.model.state()), "seed {seed:#x}");

        let mut random = Random::new(seed);
        let (escrow, mut done) = (oracle.escrow, 0);
        for _ in 0..60 {
            let user = random.pick(&actors());
            let end = U256::from(node.chain.time() + random.below(60 * WEEK));
            let amount = U256::from(1 + random.below(1 << 40));
            let call = match random.below(5) {
                0 => Call::new("create_lock(uint256,uint256)", 2).word(amount).word(end),
                1 => Call::new("increase_amount(uint256)", 1).word(amount),
                2 => Call::new("increase_unlock_time(uint256)", 1).word(end),
                3 => Call::new("withdraw()", 0),
                _ => Call::new("checkpoint()", 0),
            };
            node.chain.endow(user).unwrap();
            node.chain.queue(user, escrow, call).unwrap();
            let seconds = 1 + random.below(4 * WEEK);
            done += usize::from(node.chain.mine(seconds).unwrap().succeeded == [true]);
        }
        let (_, last) = read();
        let start = FoldedProgramme::from(VoteEscrow::new(&first).unwrap());
        let contracts = ProgrammeContracts::VoteEscrow { escrow: of_evm(escrow) };
        let (fold, events) = fold_after(start, &contracts, &[escrow], &mut node, from.number);
        let FoldedProgramme::VoteEscrow(model) = fold.programme() else { panic!() };
        assert_eq!(plain(model.state()), last, "seed {seed:#x}");
        through_file(last.clone());
        assert_eq!(events, done, "seed {seed:#x}");
        all += events;
        points += last.history.len();

        let left_out = last.lockers.iter().find(|locker| locker.locked.amount > 0).unwrap();
        contract.lockers.retain(|locker| locker.0 != left_out.account.0);
        let error = latest(&reader, async |at| vote_escrow_state(at, &contract).await).unwrap_err();
        assert!(error.to_string().contains("sum of locks"), "{error}");
    }
    println!("seed {SEED:#x}: {points} points, {all} events followed");
    assert!(all > 50, "{all} events");
}
