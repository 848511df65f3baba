use tidemill_feed_evm::ProgrammeContracts;
use tidemill_model::{Address, CumulativeClaimLog, ProgrammeLog};
use tidemill_rewards::merkle_claim::CumulativeClaimState;
use tidemill_units::{Amount, U256};

use super::super::{Written, of_account};
use super::{Argument, Encoded, number, of, same};

const DISTRIBUTOR: Address = Address([0xd1; 20]);
const SOMEBODY: Address = Address([0xaa; 20]);

/// Merkl's distributor, with what its deposits are.
struct Distributor {
    dispute_token: Address,
    dispute_amount: Amount,
}

/// What the feed reads in the logs that the contract would have written.
pub(in super::super) fn read(start: &CumulativeClaimState, written: &[Written]) -> Vec<Written> {
    let governance = &start.governance;
    let mut distributor = Distributor {
        dispute_token: of_account(governance.dispute_token),
        dispute_amount: governance.dispute_amount,
    };
    let contracts = ProgrammeContracts::CumulativeClaim { distributor: DISTRIBUTOR };
    same(written, &contracts, |log| {
        let ProgrammeLog::CumulativeClaim(log) = log else { panic!("{log:?}") };
        let mut encoded = Encoded::default();
        distributor.write(log, &mut encoded);
        Some(encoded)
    })
}

impl Distributor {
    #[expect(clippy::too_many_lines, reason = "it is one table of events")]
    fn write(&mut self, log: &CumulativeClaimLog, to: &mut Encoded) {
        let flag = |flag: bool| number(u64::from(flag));
        let tree = |to: &mut Encoded, root: U256, end: u64| {
            let of_tree = [root, number(77), number(end)];
            to.log(DISTRIBUTOR, "TreeUpdated(bytes32,bytes32,uint48)", &[], &of_tree);
        };
        match log {
            CumulativeClaimLog::Claimed {
                user,
                token,
                amount,
                cumulative,
                merkle_proof,
                caller,
            } => {
                let indexed = [of(*user), of(*token)];
                to.log(DISTRIBUTOR, "Claimed(address,address,uint256)", &indexed, &[amount.0]);
                if !amount.is_zero() {
                    to.transfer(*token, DISTRIBUTOR, *user, *amount);
                }
                let proof = merkle_proof.iter().map(|hash| U256::from_be_bytes(hash.0)).collect();
                let arguments = [
                    Argument::List(vec![of(*user)]),
                    Argument::List(vec![of(*token)]),
                    Argument::List(vec![cumulative.0]),
                    Argument::Lists(vec![proof]),
                ];
                let signature = "claim(address[],address[],uint256[],bytes32[][])";
                to.call(*caller, DISTRIBUTOR, signature, &arguments);
            }
            CumulativeClaimLog::TreeUpdated { merkle_root, end_of_dispute_period } => {
                tree(to, U256::from_be_bytes(merkle_root.0), end_of_dispute_period.0);
            }
            CumulativeClaimLog::Disputed { disputer } => {
                to.transfer(self.dispute_token, *disputer, DISTRIBUTOR, self.dispute_amount);
                let why = [number(32), number(3), U256::from(0x77_68_79) << 232_usize];
                to.log(DISTRIBUTOR, "Disputed(string)", &[], &why);
            }
            CumulativeClaimLog::DisputeResolved { valid, to: paid, amount } => {
                to.transfer(self.dispute_token, DISTRIBUTOR, *paid, *amount);
                if *valid {
                    to.log(DISTRIBUTOR, "Revoked()", &[], &[]);
                    tree(to, number(5), 3_600);
                }
                to.log(DISTRIBUTOR, "DisputeResolved(bool)", &[], &[flag(*valid)]);
            }
            CumulativeClaimLog::Revoked { merkle_root } => {
                to.log(DISTRIBUTOR, "Revoked()", &[], &[]);
                tree(to, U256::from_be_bytes(merkle_root.0), 3_600);
            }
            CumulativeClaimLog::OperatorToggled { user, operator, is_whitelisted } => {
                let (indexed, others) = ([of(*user), of(*operator)], [flag(*is_whitelisted)]);
                to.log(DISTRIBUTOR, "OperatorToggled(address,address,bool)", &indexed, &others);
            }
            CumulativeClaimLog::TrustedToggled { eoa, trust } => {
                to.log(DISTRIBUTOR, "TrustedToggled(address,bool)", &[of(*eoa)], &[flag(*trust)]);
            }
            CumulativeClaimLog::DisputeAmountUpdated { dispute_amount } => {
                self.dispute_amount = *dispute_amount;
                to.log(DISTRIBUTOR, "DisputeAmountUpdated(uint256)", &[], &[dispute_amount.0]);
            }
            CumulativeClaimLog::DisputeTokenUpdated { dispute_token } => {
                self.dispute_token = *dispute_token;
                to.log(DISTRIBUTOR, "DisputeTokenUpdated(address)", &[of(*dispute_token)], &[]);
            }
            CumulativeClaimLog::DisputePeriodUpdated { dispute_period } => {
                let others = [number(*dispute_period)];
                to.log(DISTRIBUTOR, "DisputePeriodUpdated(uint48)", &[], &others);
            }
            CumulativeClaimLog::EpochDurationUpdated { new_epoch_duration } => {
                let others = [number(*new_epoch_duration)];
                to.log(DISTRIBUTOR, "EpochDurationUpdated(uint32)", &[], &others);
            }
            CumulativeClaimLog::Funded { token, amount } => {
                to.transfer(*token, SOMEBODY, DISTRIBUTOR, *amount);
            }
        }
    }
}
