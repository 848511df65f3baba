use tidemill_feed_evm::ProgrammeContracts;
use tidemill_feed_evm::snapshot::{MasterChefContract, master_chef_state};
use tidemill_market::FoldedProgramme;
use tidemill_rewards::master_chef::{ChefUser, MasterChef, MasterChefState};
use tidemill_testkit::{Artifacts, Call, Random, built_code};
use tidemill_units::U256;

use super::{fold_after, latest, through_file};
use crate::anvil::node_reader::NodeReader;
use crate::anvil::{mirror, of_evm};
use crate::rewards::master_chef::World;
use crate::tally::Tally;

const SEED: u64 = 0x5eed_0300;
const STEPS: u64 = 80;

/// Who left is to the chef who never was; of tokens, it only knows those that can be staked.
fn plain(mut state: MasterChefState) -> MasterChefState {
    state.users.retain(|entry| entry.user != ChefUser::default());
    let pools = &state.pools;
    state.lp_balances.retain(|held| pools.iter().any(|pool| pool.lp_token == held.token));
    state
}

#[test]
fn a_chef_is_read_and_followed_by_its_logs() {
    let artifacts =
        Artifacts { token: built_code("LoggingToken").unwrap(), ..Artifacts::load().unwrap() };
    let mut tally = Tally::new("snapshots of MasterChef", SEED);
    let (mut all, mut users) = (0, 0);
    for seed in SEED..SEED + 4 {
        let mut world = World::recorded(&artifacts, seed);
        for _ in 0..STEPS {
            world.step(&mut tally);
        }
        let oracle = &world.oracle;
        let Some(mut node) = mirror(&oracle.evm) else { return };
        let reader = NodeReader::new(&node.chain.node);
        let contract = MasterChefContract {
            address: of_evm(oracle.chef),
            stakers: oracle.stakers.iter().map(|staker| of_evm(*staker)).collect(),
        };
        let read = || latest(&reader, async |at| master_chef_state(at, &contract).await).unwrap();
        let (from, first) = read();
        assert_eq!(first, plain(world.model.state()), "seed {seed:#x}");
        users += first.users.len();

        let mut random = Random::new(seed);
        let mut done = 0;
        for _ in 0..40 {
            let user = random.pick(&oracle.stakers);
            let pool = U256::from(random.below(first.pools.len() as u64));
            let amount = U256::from(random.below(1 << 20));
            let call = match random.below(5) {
                0 | 1 => Call::new("deposit(uint256,uint256)", 2).word(pool).word(amount),
                2 => Call::new("withdraw(uint256,uint256)", 2).word(pool).word(amount),
                3 => Call::new("emergencyWithdraw(uint256)", 1).word(pool),
                _ => Call::new("updatePool(uint256)", 1).word(pool),
            };
            node.chain.endow(user).unwrap();
            node.chain.queue(user, oracle.chef, call).unwrap();
            done +=
                usize::from(node.chain.mine(1 + random.below(100)).unwrap().succeeded == [true]);
        }
        let (_, last) = read();
        let start = FoldedProgramme::from(MasterChef::new(&first).unwrap());
        let contracts = ProgrammeContracts::MasterChef {
            chef: of_evm(oracle.chef),
            reward_token: of_evm(oracle.sushi),
            tokens: oracle.lp_tokens.map(of_evm).to_vec(),
        };
        let asked = [oracle.chef, oracle.sushi, oracle.lp_tokens[0], oracle.lp_tokens[1]];
        let (fold, events) = fold_after(start, &contracts, &asked, &mut node, from.number);
        let FoldedProgramme::MasterChef(model) = fold.programme() else { panic!() };
        assert_eq!(plain(model.state()), last, "seed {seed:#x}");
        through_file(last.clone());
        assert!(events >= done, "seed {seed:#x}: {events} events of {done} transactions");
        all += events;
    }
    println!("seed {SEED:#x}: {users} stakes, {all} events followed");
    assert!(all > 40 && users > 4, "{all} events, {users} stakes");
}
