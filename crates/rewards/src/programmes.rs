use crate::KindFacts;

/// Returns what there is to say of every reward programme, in the order of the documentation.
pub fn programmes() -> &'static [&'static KindFacts] {
    PROGRAMMES
}

/// What there is to say of every reward programme, in the order of the documentation.
static PROGRAMMES: &[&KindFacts] = &[
    &crate::staking_rewards::FACTS,
    &crate::master_chef::FACTS,
    &crate::v3_staker::FACTS,
    &crate::vote_escrow::FACTS,
    &crate::gauge_controller::FACTS,
    &crate::curve_gauge::FACTS,
    &crate::token_admin::FACTS,
    &crate::balancer_gauge::FACTS,
    &crate::fee_distributor::FACTS,
    &crate::aerodrome::FACTS,
    &crate::merkl::FACTS,
    &crate::merkle_claim::FACTS,
    &crate::emission::FACTS,
    &crate::validator_staking::FACTS,
    &crate::liquid_staking::FACTS,
];
