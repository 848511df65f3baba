use tidemill_model::Address;

/// Returns accounts in their order, each once, as states list them.
pub(super) fn sorted(accounts: &[Address]) -> Vec<Address> {
    let mut accounts = accounts.to_vec();
    accounts.sort_unstable();
    accounts.dedup();
    accounts
}
