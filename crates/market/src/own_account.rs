use tidemill_model::PositionId;

/// Returns the address that one of our positions goes by where a contract pays each holder by
/// itself: one that nobody has the key of, and of no other position.
pub(crate) fn own_account(id: PositionId) -> [u8; 20] {
    let sequence = id.0.sequence.0.to_be_bytes().into_iter();
    let bytes = sequence.chain(id.0.intent.to_be_bytes());
    ending_in(0xff, bytes.rev())
}

/// Returns an address that ends in these bytes, the last first, and is filled up with another.
pub(crate) fn ending_in(fill: u8, bytes: impl IntoIterator<Item = u8>) -> [u8; 20] {
    let mut address = [fill; 20];
    for (place, byte) in address.iter_mut().rev().zip(bytes) {
        *place = byte;
    }
    address
}
