use crate::{Contract, GasFigure, KindFacts, Proof, Quirk};

/// What the documentation says of the v3-staker.
pub const FACTS: KindFacts = KindFacts {
    name: "v3_staker",
    title: "Uniswap v3-staker",
    models: &[Contract { name: "UniswapV3Staker", version: "@uniswap/v3-staker 1.0.2" }],
    proof: &[
        Proof::Bytecode {
            package: "@uniswap/v3-staker 1.0.2",
            test: "staker_equals_the_contract_first_half, staker_equals_the_contract_second_half",
        },
        Proof::Bytecode {
            package: "@uniswap/v3-staker 1.0.2, over the embedded week of USDC/WETH",
            test: "a_staked_week_earns_what_the_contract_pays",
        },
    ],
    gas: &[
        GasFigure { call: "createIncentive, new", gas: 80_355 },
        GasFigure { call: "createIncentive, more", gas: 46_155 },
        GasFigure { call: "safeTransferFrom of the manager, deposited only", gas: 172_223 },
        GasFigure {
            call: "safeTransferFrom of the manager, staked in one incentive",
            gas: 228_412,
        },
        GasFigure {
            call: "safeTransferFrom of the manager, staked in two incentives",
            gas: 263_551,
        },
        GasFigure { call: "stakeToken, first of the deposit", gas: 98_266 },
        GasFigure { call: "transferDeposit", gas: 29_200 },
        GasFigure { call: "unstakeToken, first reward of its owner", gas: 81_509 },
        GasFigure { call: "unstakeToken, more", gas: 64_409 },
        GasFigure { call: "claimReward", gas: 38_925 },
        GasFigure { call: "withdrawToken", gas: 114_243 },
        GasFigure { call: "endIncentive", gas: 41_948 },
    ],
    quirks: &[
        Quirk {
            says: "After the end time seconds go on and the reward does not: who unstakes late is \
                   paid less, half of it after once more the incentive's duration.",
            test: "rewards_are_diluted_after_the_end",
        },
        Quirk {
            says: "Of two equal stakes whose rewards are divided after the end, the one that \
                   unstakes first is paid more; within one second the order costs dust only.",
            test: "who_unstakes_first_after_the_end_is_paid_more",
        },
        Quirk {
            says: "Liquidity in range that is not staked takes its part of every second; that part \
                   of the reward goes back to the refundee.",
            test: "what_unstaked_liquidity_would_have_earned_is_refunded",
        },
        Quirk {
            says: "Rewards are rounded down for every stake, and the dust is refunded.",
            test: "floor_dust_is_refunded",
        },
        Quirk {
            says: "Once a stake of all the liquidity has claimed every second at the end time, no \
                   other stake can leave within that second: its reward would be divided by zero.",
            test: "nobody_can_leave_in_the_second_in_which_all_seconds_are_claimed",
        },
        Quirk {
            says: "A second createIncentive with the same key adds to the reward; the sum is not \
                   checked.",
            test: "the_same_key_again_adds_to_the_reward",
        },
        Quirk {
            says: "Liquidity added to a staked position, which anybody may do, earns nothing until \
                   it is staked again, and takes its part of every second from the stake itself.",
            test: "liquidity_added_while_staked_earns_nothing",
        },
        Quirk {
            says: "A transferred deposit takes the reward of all its time so far with it.",
            test: "a_transferred_deposit_takes_its_reward_along",
        },
        Quirk {
            says: "After the end anybody may unstake for the owner, at a time of their choice.",
            test: "anybody_unstakes_after_the_end",
        },
        Quirk {
            says: "One stake that nobody ends keeps the refund back, and the last of a stake's \
                   incentives keeps the position back.",
            test: "a_stake_keeps_the_refund_and_the_position_back",
        },
        Quirk {
            says: "Claiming an amount of zero claims everything.",
            test: "claiming_nothing_claims_everything",
        },
        Quirk {
            says: "Seconds inside wrap at 2^32: a stake of all the liquidity for 2^32 seconds and \
                   ten is paid for ten.",
            test: "seconds_inside_wrap_at_two_to_the_32",
        },
        Quirk {
            says: "A position sent with the manager's transferFrom instead of safeTransferFrom is \
                   no deposit and never comes back.",
            test: "a_position_sent_without_notice_is_lost",
        },
    ],
    absent: &[
        "Times past 2^64 seconds, which the contract takes where its bounds on lead time and \
         duration do.",
        "multicall, and approved operators of the position manager's tokens.",
        "Reward tokens that take a fee on transfer: the contract books what was sent, not what \
         came.",
    ],
};
