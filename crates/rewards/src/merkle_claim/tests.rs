use proptest::collection::vec;
use proptest::prelude::{any, proptest};
use tidemill_units::{Amount, Timestamp, U256};

use super::{
    ClaimedWord, CumulativeClaim, CumulativeClaimError, CumulativeClaimState, CumulativeReward,
    Governance, MerkleClaim, MerkleClaimError, MerkleClaimState, MerkleTree, Node, Operator,
    Payment, TokenAmount, TokenDrop,
};
use crate::Account;

const GOVERNOR: Account = Account([1; 20]);
const BOT: Account = Account([2; 20]);
const USER: Account = Account([3; 20]);
const OTHER: Account = Account([4; 20]);
const TOKEN: Account = Account([5; 20]);
const DEPOSIT: Account = Account([6; 20]);

fn drop(index: u64, account: Account, amount: u64) -> TokenDrop {
    TokenDrop { index: U256::from(index), account, amount: Amount::from_u64(amount) }
}

fn drops(drops: &[TokenDrop], balance: u64) -> (MerkleClaim, MerkleTree) {
    let tree = MerkleTree::distinct(drops.iter().map(TokenDrop::leaf).collect()).unwrap();
    let state = MerkleClaimState {
        merkle_root: tree.root(),
        balance: Amount::from_u64(balance),
        ..MerkleClaimState::default()
    };
    (MerkleClaim::new(&state).unwrap(), tree)
}

fn reward(amount: u64) -> CumulativeReward {
    CumulativeReward { user: USER, token: TOKEN, amount: Amount::from_u64(amount) }
}

/// A distributor with 1000 of the token, two epochs of dispute and a deposit of 100.
fn distributor() -> CumulativeClaim {
    let governance = Governance {
        governors: vec![GOVERNOR],
        trusted: vec![BOT],
        dispute_token: DEPOSIT,
        dispute_amount: Amount::from_u64(100),
        dispute_period: 2,
        epoch_seconds: 0,
    };
    let balances = vec![TokenAmount { token: TOKEN, amount: Amount::from_u64(1000) }];
    let state = CumulativeClaimState { governance, balances, ..CumulativeClaimState::default() };
    CumulativeClaim::new(&state).unwrap()
}

#[test]
fn a_drop_is_paid_to_its_account_whoever_claims() {
    // No caller is asked for: the leaf alone says who is paid.
    let all = [drop(0, USER, 30), drop(1, OTHER, 12)];
    let (mut claim, tree) = drops(&all, 42);
    for drop in &all {
        claim.claim(drop, &tree.proof(drop.leaf()).unwrap()).unwrap();
    }
    assert_eq!(claim.balance(), Amount::ZERO);
    let stolen = TokenDrop { account: OTHER, ..all[0] };
    let (mut claim, _) = drops(&all, 42);
    let refused = claim.claim(&stolen, &tree.proof(all[0].leaf()).unwrap());
    assert_eq!(refused, Err(MerkleClaimError::InvalidProof));
}

#[test]
fn only_the_index_is_marked_as_claimed() {
    let all = [drop(0, USER, 5), drop(1, USER, 5), drop(7, USER, 1), drop(7, OTHER, 9)];
    let (mut claim, tree) = drops(&all, 100);
    let mut claim_of = |place: usize| {
        let proof = tree.proof(all[place].leaf()).unwrap();
        claim.claim(&all[place], &proof)
    };
    assert_eq!([claim_of(0), claim_of(1), claim_of(3)], [Ok(()); 3]);
    assert_eq!(claim_of(2), Err(MerkleClaimError::AlreadyClaimed));
    assert_eq!(claim.balance(), Amount::from_u64(100 - 5 - 5 - 9));
    let bits = U256::from(0b1000_0011);
    assert_eq!(claim.state().claimed_bit_map, [ClaimedWord { word: U256::ZERO, bits }]);
}

#[test]
fn an_unfunded_claim_can_be_repeated() {
    let all = [drop(300, USER, 30)];
    let (mut claim, _) = drops(&all, 29);
    // The only leaf is the root, and its proof is empty.
    assert_eq!(claim.claim(&all[0], &[]), Err(MerkleClaimError::Unfunded));
    assert!(!claim.is_claimed(U256::from(300)));
    claim.fund(Amount::from_u64(1)).unwrap();
    assert_eq!(claim.claim(&all[0], &[]), Ok(()));
    assert!(claim.is_claimed(U256::from(300)) && !claim.is_claimed(U256::from(44)));
}

#[test]
fn a_new_tree_waits_for_whole_epochs() {
    let mut claims = distributor();
    claims.update_tree(BOT, reward(10).leaf(), Timestamp(7_201)).unwrap();
    // Half past the second hour: until the third hour, and two more.
    assert_eq!(claims.state().end_of_dispute_period, Timestamp(5 * 3600));
    let claim = [(reward(10), Vec::new())];
    let early = claims.claim(USER, &claim, Timestamp(17_999));
    assert_eq!(early, Err(CumulativeClaimError::InvalidUninitializedRoot));
    let paid = claims.claim(USER, &claim, Timestamp(18_000));
    let payment = Payment { to: USER, token: TOKEN, amount: Amount::from_u64(10) };
    assert_eq!(paid, Ok(vec![payment]));
    // The next tree comes on the whole hour, which counts as the end of its epoch.
    claims.update_tree(BOT, reward(25).leaf(), Timestamp(18_000)).unwrap();
    assert_eq!(claims.state().end_of_dispute_period, Timestamp(7 * 3600));
    let early = claims.claim(USER, &[(reward(25), Vec::new())], Timestamp(25_199));
    assert_eq!(early, Err(CumulativeClaimError::InvalidProof));
    let paid = claims.claim(USER, &[(reward(25), Vec::new())], Timestamp(25_200));
    assert_eq!(paid, Ok(vec![Payment { amount: Amount::from_u64(15), ..payment }]));
}

#[test]
fn a_second_update_puts_the_first_tree_in_force() {
    let mut claims = distributor();
    let at = Timestamp(10_000);
    claims.update_tree(BOT, reward(10).leaf(), at).unwrap();
    let again = claims.update_tree(BOT, reward(20).leaf(), at);
    assert_eq!(again, Err(CumulativeClaimError::NotTrusted), "not within the dispute period");
    claims.update_tree(GOVERNOR, reward(20).leaf(), at).unwrap();
    assert_eq!(claims.merkle_root(at), reward(10).leaf());
    assert_eq!(claims.claim(USER, &[(reward(10), Vec::new())], at).unwrap().len(), 1);
}

#[test]
fn a_leaf_below_what_was_claimed_is_refused() {
    let mut claims = distributor();
    let at = Timestamp(10_000);
    for amount in [10, 9] {
        claims.update_tree(GOVERNOR, reward(amount).leaf(), at).unwrap();
    }
    claims.claim(USER, &[(reward(10), Vec::new())], at).unwrap();
    let later = Timestamp(1_000_000);
    let refused = claims.claim(USER, &[(reward(9), Vec::new())], later);
    assert_eq!(refused, Err(CumulativeClaimError::BelowClaimed));
}

#[test]
fn the_same_leaf_again_pays_nothing() {
    let mut claims = distributor();
    let at = Timestamp(10_000);
    claims.update_tree(GOVERNOR, reward(10).leaf(), at).unwrap();
    let twice = [(reward(10), Vec::new()), (reward(10), Vec::new())];
    let paid = claims.claim(USER, &twice, Timestamp(1_000_000)).unwrap();
    let amounts: Vec<_> = paid.iter().map(|payment| payment.amount).collect();
    assert_eq!(amounts, [Amount::from_u64(10), Amount::ZERO]);
}

#[test]
fn a_deposit_can_be_paid_out_as_reward() {
    let mut claims = distributor();
    let governance = Governance { dispute_token: TOKEN, ..claims.state().governance };
    claims.set_governance(GOVERNOR, governance).unwrap();
    let at = Timestamp(10_000);
    claims.update_tree(GOVERNOR, reward(1050).leaf(), at).unwrap();
    claims.update_tree(GOVERNOR, reward(1060).leaf(), at).unwrap();
    claims.dispute_tree(OTHER, at).unwrap();
    claims.claim(USER, &[(reward(1050), Vec::new())], at).unwrap();
    assert_eq!(claims.balance(TOKEN), Amount::from_u64(50));
    for is_valid in [false, true] {
        let resolved = claims.resolve_dispute(GOVERNOR, is_valid, at);
        assert_eq!(resolved, Err(CumulativeClaimError::Unfunded));
    }
}

#[test]
fn a_dispute_keeps_the_tree_out_of_force_until_it_is_resolved() {
    let mut claims = distributor();
    let at = Timestamp(10_000);
    claims.update_tree(BOT, reward(10).leaf(), at).unwrap();
    let deposit = Payment { to: OTHER, token: DEPOSIT, amount: Amount::from_u64(100) };
    assert_eq!(claims.dispute_tree(OTHER, at), Ok(deposit));
    let late = Timestamp(1_000_000);
    assert_eq!(claims.merkle_root(late), Node::default());
    assert_eq!(claims.dispute_tree(USER, at), Err(CumulativeClaimError::UnresolvedDispute));
    let resolved = claims.resolve_dispute(GOVERNOR, false, late);
    assert_eq!(resolved, Ok(Payment { to: GOVERNOR, ..deposit }));
    assert_eq!(claims.state().end_of_dispute_period, Timestamp((278 + 2) * 3600));
    claims.dispute_tree(OTHER, late).unwrap();
    assert_eq!(claims.resolve_dispute(GOVERNOR, true, late), Ok(deposit));
    let state = claims.state();
    assert_eq!((state.tree, state.end_of_dispute_period), (Node::default(), Timestamp(0)));
}

#[test]
fn operators_claim_for_their_users_only() {
    let mut claims = distributor();
    claims.update_tree(GOVERNOR, reward(10).leaf(), Timestamp(1)).unwrap();
    let (claim, at) = ([(reward(10), Vec::new())], Timestamp(1_000_000));
    assert_eq!(claims.claim(OTHER, &claim, at), Err(CumulativeClaimError::NotWhitelisted));
    let everybody = Operator { user: USER, operator: Account::default() };
    assert_eq!(claims.toggle_operator(OTHER, everybody), Err(CumulativeClaimError::NotTrusted));
    assert_eq!(claims.toggle_operator(USER, everybody), Ok(true));
    assert!(claims.claim(OTHER, &claim, at).is_ok());
    assert_eq!(claims.toggle_operator(GOVERNOR, everybody), Ok(false));
    assert_eq!(claims.claim(OTHER, &claim, at), Err(CumulativeClaimError::NotWhitelisted));
}

#[test]
fn amounts_past_208_bits_are_refused() {
    let wide = CumulativeReward { amount: Amount(U256::ONE << 208), ..reward(0) };
    let mut claims = distributor();
    claims.update_tree(GOVERNOR, wide.leaf(), Timestamp(1)).unwrap();
    let refused = claims.claim(USER, &[(wide, Vec::new())], Timestamp(1_000_000));
    assert_eq!(refused, Err(CumulativeClaimError::AmountTooWide));
}

#[test]
fn states_out_of_bounds_are_refused() {
    let word = |word: U256, bits: u64| ClaimedWord { word, bits: U256::from(bits) };
    for words in [
        vec![word(U256::ZERO, 0)],
        vec![word(U256::ONE << 248, 1)],
        vec![word(U256::ONE, 1), word(U256::ONE, 1)],
    ] {
        let state = MerkleClaimState { claimed_bit_map: words, ..MerkleClaimState::default() };
        assert_eq!(MerkleClaim::new(&state).unwrap_err().field.name, "claimed_bit_map");
    }
    let mut state = distributor().state();
    state.balances.push(TokenAmount { token: TOKEN, amount: Amount::from_u64(1) });
    assert_eq!(CumulativeClaim::new(&state).unwrap_err().field.name, "balances");
    state.balances.clear();
    state.end_of_dispute_period = Timestamp(1 << 48);
    assert_eq!(CumulativeClaim::new(&state).unwrap_err().field.name, "end_of_dispute_period");
}

proptest! {
    /// Every leaf of every tree proves itself, and nothing else with its proof does.
    #[test]
    fn every_leaf_has_a_proof(amounts in vec(any::<u64>(), 1..70), place in any::<usize>()) {
        let leaves: Vec<_> = amounts.iter().map(|amount| reward(*amount).leaf()).collect();
        for tree in [MerkleTree::sorted(leaves.clone()), MerkleTree::distinct(leaves.clone())] {
            let tree = tree.unwrap();
            let leaf = leaves[place % leaves.len()];
            let proof = tree.proof(leaf).unwrap();
            assert_eq!(leaf.root_by(&proof), tree.root());
            assert_ne!(Node::hash(&leaf.0).root_by(&proof), tree.root());
            assert_eq!(tree.proof(tree.root()).is_some(), tree.leaves().len() == 1);
        }
    }

    /// What is paid of a token is the largest amount claimed, whatever the steps.
    #[test]
    fn claims_in_steps_pay_the_last_amount(mut amounts in vec(0_u64..100, 1..9)) {
        amounts.sort_unstable();
        let mut claims = distributor();
        let mut paid = 0;
        for (step, amount) in amounts.iter().enumerate() {
            let at = Timestamp(1 + 100_000 * step as u64);
            claims.update_tree(BOT, reward(*amount).leaf(), at).unwrap();
            let later = Timestamp(at.0 + 90_000);
            let payments = claims.claim(USER, &[(reward(*amount), Vec::new())], later).unwrap();
            paid += payments[0].amount.0.to::<u64>();
        }
        assert_eq!(Some(&paid), amounts.last());
        assert_eq!(claims.balance(TOKEN), Amount::from_u64(1000 - paid));
        assert_eq!(CumulativeClaim::new(&claims.state()), Ok(claims));
    }
}
