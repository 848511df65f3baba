//! The state of SushiSwap's MasterChef.

use tidemill_rewards::master_chef::{
    ChefPool, ChefTokenBalance, ChefUser, ChefUserState, MasterChef, MasterChefState,
    MasterChefStateError,
};

use super::Resumable;
use super::refusal::{Refusal, culprit};
use super::value::record;

record!(MasterChefState {
    address,
    owner,
    dev,
    sushi_token,
    sushi_per_block,
    start_block,
    bonus_end_block,
    sushi_supply,
    sushi_balance,
    lp_balances,
    pools,
    users,
});

record!(ChefTokenBalance { token, balance });
record!(ChefPool { lp_token, alloc_point, last_reward_block, acc_sushi_per_share });
record!(ChefUserState { pool, account, user });
record!(ChefUser { amount, reward_debt });

impl Resumable for MasterChefState {
    type Programme = MasterChef;
    type Refused = MasterChefStateError;

    fn resume(&self) -> Result<MasterChef, MasterChefStateError> {
        MasterChef::new(self)
    }

    fn refusal(&self, error: &MasterChefStateError) -> Refusal {
        let user = |allowed| {
            let index = culprit(&self.users, error, |users| {
                MasterChef::new(&Self { users, ..self.clone() }).err()
            });
            Refusal::of("users", allowed).item(index)
        };
        match error {
            MasterChefStateError::SushiBalance => {
                Refusal::of("sushi_balance", "at most sushi_supply")
            }
            MasterChefStateError::LpBalances => {
                let index = culprit(&self.lp_balances, error, |lp_balances| {
                    let users = Vec::new();
                    MasterChef::new(&Self { lp_balances, users, ..self.clone() }).err()
                });
                const ALLOWED: &str =
                    "ascending by token, none twice, none zero, and not the reward token";
                Refusal::of("lp_balances", ALLOWED).item(index)
            }
            MasterChefStateError::AllocPoint => {
                let index = culprit(&self.pools, error, |pools| {
                    let users = Vec::new();
                    MasterChef::new(&Self { pools, users, ..self.clone() }).err()
                });
                let allowed = "weights whose sum is below 2^256";
                Refusal::of("pools", allowed).item(index).field("alloc_point")
            }
            MasterChefStateError::Users => {
                user("ascending by pool, then account, none twice, of pools that are there")
            }
            MasterChefStateError::RewardDebt => {
                user("at most what the stake has earned").field("user").field("reward_debt")
            }
        }
    }
}
